"""Where reading starts and goes on is said by the app, never by the offset committed to Kafka."""

import asyncio

import confluent_kafka
import pytest
from faust.types import TP
from redis.exceptions import ConnectionError as RedisAway

from streams.transport import AppCrashedError, PositionOutOfRangeError, batch_topic
from streams.transport.driver import Consumer
from tests.transport.conftest import WAIT_SECONDS, Seen, collect, running


async def test_reading_starts_at_the_position_of_the_hook_not_at_the_committed_one(log):
    log.fill(100)
    with log.client() as client:
        place = confluent_kafka.TopicPartition(log.topic, 0, 90)
        client.commit(offsets=[place], asynchronous=False)

    async def resume(tps):
        return {TP(log.topic, 0): 40}

    app = log.app(resume)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(100)
    assert seen.offsets() == {0: list(range(40, 100))}


async def test_nothing_is_read_while_the_hook_has_no_answer(log):
    log.fill(50)
    asked = []

    async def resume(tps):
        asked.append(set(tps))
        if len(asked) < 3:
            assert seen.batches == []
            raise RedisAway("gone")
        return {TP(log.topic, 0): 20}

    app = log.app(resume)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(50)
    assert asked == [{TP(log.topic, p) for p in range(4)}] * 3
    assert seen.offsets() == {0: list(range(20, 50))}


async def test_an_app_that_waits_for_its_positions_can_be_stopped(log):
    log.fill(1)
    asked = asyncio.Event()

    async def resume(tps):
        asked.set()
        await asyncio.Event().wait()

    app = log.app(resume)
    seen = collect(app, log.topic)
    async with running(app):
        await asyncio.wait_for(asked.wait(), WAIT_SECONDS)
    assert seen.batches == []


async def test_a_defect_in_the_hook_stops_the_app(log):
    async def resume(tps):
        raise ZeroDivisionError

    app = log.app(resume)
    collect(app, log.topic)
    with pytest.raises(AppCrashedError, match="ZeroDivisionError"):
        async with running(app) as task:
            await asyncio.wait({task}, timeout=WAIT_SECONDS)


@pytest.mark.parametrize("wanted", [-5, 1_000])
async def test_a_position_outside_of_the_log_is_put_to_the_hook(log, wanted):
    log.fill(100)
    asked = []

    async def resume(tps):
        return {TP(log.topic, 0): wanted}

    async def choose(tp, wanted, beginning, end):
        asked.append((tp, wanted, beginning, end))
        return 60

    app = log.app(resume, choose)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(100)
    assert asked == [(TP(log.topic, 0), wanted, 0, 100)]
    assert seen.offsets() == {0: list(range(60, 100))}


async def test_a_server_that_is_away_is_waited_for_when_a_position_is_outside_of_the_log(log):
    log.fill(100)
    asked = []

    async def resume(tps):
        return {TP(log.topic, 0): -5}

    async def choose(tp, wanted, beginning, end):
        asked.append(wanted)
        if len(asked) < 3:
            raise RedisAway("gone")
        return 60

    app = log.app(resume, choose)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(100)
    assert asked == [-5] * 3
    assert seen.offsets() == {0: list(range(60, 100))}


async def test_a_position_outside_of_the_log_stops_the_app_by_default(log):
    log.fill(10)

    async def resume(tps):
        return {TP(log.topic, 0): 11}

    app = log.app(resume)
    collect(app, log.topic)
    with pytest.raises(AppCrashedError) as caught:
        async with running(app) as task:
            await asyncio.wait({task}, timeout=WAIT_SECONDS)
    cause = caught.value.__cause__
    assert isinstance(cause, PositionOutOfRangeError)
    assert (cause.value, cause.expected) == (11, "0..10")


async def test_a_log_cut_under_a_slow_reader_is_put_to_the_hook(log):
    log.fill(100, size=1_000)
    mark, asked = 0, []
    stuck, release = asyncio.Event(), asyncio.Event()

    async def resume(tps):
        return {TP(log.topic, 0): mark}

    async def choose(tp, wanted, beginning, end):
        nonlocal mark
        asked.append((wanted, beginning))
        mark = beginning
        return beginning

    app = log.app(resume, choose, max_records=10, stream_buffer_maxsize=2, max_fetch_bytes=20_000)
    seen = Seen()

    @app.agent(batch_topic(app, log.topic))
    async def slow(stream):
        async for batch in stream:
            stuck.set()
            await release.wait()
            await seen.add(batch)

    async with running(app):
        await asyncio.wait_for(stuck.wait(), WAIT_SECONDS)
        await asyncio.to_thread(log.fill, 12_000, 0, 1_000)  # beyond what the broker keeps
        beginning, end = await asyncio.to_thread(log.bounds)
        assert beginning > 100
        release.set()
        await seen.until_position(end)
    assert asked == [(0, beginning)]
    assert seen.offsets()[0][-(end - beginning) :] == list(range(beginning, end))


async def test_after_a_seek_the_next_batch_begins_there_and_nothing_in_flight_comes(log):
    log.fill(1_000)
    app = log.app(max_records=50)
    seen, sought = Seen(), []

    @app.agent(batch_topic(app, log.topic))
    async def seeker(stream):
        async for batch in stream:
            await seen.add(batch)
            if batch.from_position >= 300 and len(sought) < 3:
                await asyncio.sleep(0.05)  # let the queue and the next fetch fill
                sought.append(len(seen.batches))
                await app.consumer.seek(batch.tp, 100)

    async with running(app):
        await seen.until_position(1_000)
    assert len(sought) == 3
    for index in sought:
        assert seen.batches[index].from_position == 100
    assert seen.offsets()[0][-900:] == list(range(100, 1_000))
    assert log.committed() == 1_000


async def test_a_seek_while_the_fetch_waits_at_the_end_reads_again(log):
    log.fill(100)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(100)
        for _ in range(3):
            before = len(seen.batches)
            await app.consumer.seek(TP(log.topic, 0), 30)
            await seen.until(lambda batches, n=before: sum(map(len, batches[n:])) == 70)
            assert seen.batches[before].from_position == 30


async def test_a_batch_fetched_before_a_seek_is_dropped_after_it(log, monkeypatch):
    """The seek comes exactly between the fetch and the delivery."""
    log.fill(100)
    fetch, once = Consumer._fetch, []

    async def fetch_and_be_overtaken(self):
        batches = await fetch(self)
        if batches and not once:
            once.append(batches)
            await self.seek(TP(log.topic, 0), 80)
        return batches

    monkeypatch.setattr(Consumer, "_fetch", fetch_and_be_overtaken)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(100)
    assert once[0][0].from_position == 0
    assert seen.offsets() == {0: list(range(80, 100))}


async def test_after_a_seek_back_the_committed_offset_goes_back_too(log):
    """Else a second reading would be shown as no lag at all."""
    log.fill(100)
    app = log.app(max_records=10, broker_commit_interval=0.05)
    seen, release = Seen(), asyncio.Event()

    @app.agent(batch_topic(app, log.topic))
    async def agent(stream):
        async for batch in stream:
            if second and batch.from_position >= 50:
                await release.wait()
            await seen.add(batch)

    second = []
    async with running(app):
        await seen.until_position(100)
        await until_committed(log, lambda offset: offset == 100)
        second.append(True)
        await app.consumer.seek(TP(log.topic, 0), 0)
        await until_committed(log, lambda offset: 0 < offset < 100)
        release.set()
        await until_committed(log, lambda offset: offset == 100)


async def until_committed(log, right) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not right(await asyncio.to_thread(log.committed)):
            await asyncio.sleep(0.02)


async def test_a_seek_to_a_partition_of_somebody_else_changes_nothing(log):
    log.fill(10)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(10)
        await app.consumer.seek(TP("events.other", 3), 5)
        assert not app.consumer.has_more(TP("events.other", 3), since=0)  # nobody waits for it
        log.fill(10)
        await seen.until_position(20)
