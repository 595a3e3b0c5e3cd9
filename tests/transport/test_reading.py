"""Batches come whole, in order and without a gap, and what was read is committed."""

import asyncio
import socket

import psutil
import pytest
from aiokafka.structs import TopicPartition

from streams.transport import RecordBatch, batch_topic
from streams.transport.fetching import Fetched, FetchThread
from tests.transport.conftest import WAIT_SECONDS, Log, Seen, collect, running

PARTITIONS = 4


async def test_every_record_comes_once_in_order_with_no_gap_between_batches(log):
    for partition in range(PARTITIONS):
        log.fill(1_500, partition)
    app = log.app(max_records=400)
    seen = collect(app, log.topic)
    async with running(app):
        for partition in range(PARTITIONS):
            await seen.until_position(1_500, partition)
    assert seen.offsets() == {p: list(range(1_500)) for p in range(PARTITIONS)}
    assert max(map(len, seen.batches)) <= 400
    for partition in range(PARTITIONS):
        mine = [b for b in seen.batches if b.partition == partition]
        assert mine[0].from_position == 0
        assert [b.next_position for b in mine[:-1]] == [b.from_position for b in mine[1:]]


async def test_keys_values_and_headers_arrive_as_the_bytes_that_were_sent(log):
    headers = [("trace", b"7"), ("trace", b"")]
    log.fill(1, headers=headers)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(1)
    record = seen.batches[0].records[0]
    assert (record.key, record.value, list(record.headers)) == (b"k", b"0", headers)
    assert record.timestamp > 1_500_000_000_000
    assert record.timestamp_type == 0


async def test_the_committed_offset_reaches_the_end_while_running(log):
    log.fill(3_000)
    app = log.app(max_records=100, broker_commit_interval=0.1)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(3_000)
        async with asyncio.timeout(WAIT_SECONDS):
            while await asyncio.to_thread(log.committed) != 3_000:
                await asyncio.sleep(0.05)
    assert app.consumer._acked[TopicPartition(log.topic, 0)] == []


async def test_a_busy_partition_is_not_called_stuck(log, caplog):
    """Faust guesses so from messages that it has not seen, again and again, into the log."""
    log.fill(3_000)
    app = log.app(
        max_records=1, broker_commit_interval=0.02, broker_commit_livelock_soft_timeout=0.01,
        stream_processing_timeout=0.01,
    )  # fmt: skip
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(3_000)
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []


async def test_the_committed_offset_reaches_the_end_on_stop(log):
    log.fill(500)
    app = log.app(broker_commit_interval=1_000)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(500)
    assert log.committed() == 500


async def test_a_slow_topic_does_not_stall_its_neighbour(broker, log, monkeypatch):
    # data and room have to end a wait, the bound is for what nobody foresaw
    monkeypatch.setattr("streams.transport.driver.IDLE_WAIT_SECONDS", 1_000)
    slow, fast = log, Log(broker.bootstrap)
    slow.fill(2_000)
    app = slow.app(max_records=10)  # far more batches than the slow topic's queue can hold
    seen, release = collect(app, fast.topic), asyncio.Event()
    taken, stuck = Seen(), asyncio.Event()

    @app.agent(batch_topic(app, slow.topic))
    async def wait(stream):
        async for batch in stream:
            stuck.set()
            await release.wait()
            await taken.add(batch)

    async with running(app):
        await asyncio.wait_for(stuck.wait(), WAIT_SECONDS)
        for round_ in range(1, 6):
            fast.fill(100)
            await seen.until_position(round_ * 100)
        assert taken.batches == []
        release.set()
        await taken.until_position(2_000)
    assert taken.offsets() == {0: list(range(2_000))}


async def test_no_more_batches_are_held_than_the_queue_has_room_for(log):
    for partition in range(PARTITIONS):
        log.fill(200, partition)
    app = log.app(max_records=10, stream_buffer_maxsize=2)
    release, stuck = asyncio.Event(), asyncio.Event()

    @app.agent(batch_topic(app, log.topic))
    async def wait(stream):
        async for _ in stream:
            stuck.set()
            await release.wait()

    async with running(app):
        await asyncio.wait_for(stuck.wait(), WAIT_SECONDS)
        for _ in range(20):  # the drain loop gets every chance to run ahead
            await asyncio.sleep(0.01)
        assert len(app.consumer._in_flight) <= 1 + 2
        release.set()


async def test_the_app_opens_no_port_and_leaves_logging_and_disk_alone(log, tmp_path, monkeypatch):
    import logging

    monkeypatch.chdir(tmp_path)
    handlers = list(logging.getLogger().handlers)
    before = listening()
    app = log.app()
    seen = collect(app, log.topic)
    log.fill(1)
    async with running(app):
        await seen.until_position(1)
        assert listening() == before
        assert logging.getLogger().handlers == handlers
    assert list(tmp_path.iterdir()) == []


def listening() -> set[tuple[str, int]]:
    connections = psutil.Process().net_connections("inet")
    return {tuple(c.laddr) for c in connections if c.status == psutil.CONN_LISTEN}


def test_a_listening_port_would_be_noticed():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert server.getsockname() in listening()


async def test_positions_without_records_become_a_batch_without_records():
    """Else the end of a log that is an aborted transaction would look like lag for ever."""
    tp = TopicPartition("t", 0)
    state = FakeState(position=7)

    class Fetcher:
        async def fetched_records(self, tps, timeout, max_records):
            state.position = 9  # two markers, nothing to return
            return {}

    fetched = Fetched([], [])
    await FetchThread._take_partition(None, fake_consumer(tp, state, Fetcher()), tp, fetched)
    assert fetched.batches == [RecordBatch("t", 0, 7, 9, [])]


class FakeState:
    has_valid_position = True

    def __init__(self, position: int) -> None:
        self.position = position


def fake_consumer(tp, state, fetcher):
    class Anything:
        pass

    consumer, assignment = Anything(), Anything()
    assignment.state_value = {tp: state}.get
    consumer._subscription = Anything()
    consumer._subscription.subscription = Anything()
    consumer._subscription.subscription.assignment = assignment
    consumer._fetcher, consumer._max_poll_records = fetcher, 10
    return consumer


@pytest.mark.parametrize("secret", ["13800138000", "Mrs Smith"])
def test_a_batch_shows_no_customer_data(secret):
    class Leaky:
        offset, timestamp, timestamp_type, headers = 0, 0, 0, ()
        key = value = secret.encode()

        def __repr__(self):
            return secret

    batch = RecordBatch("events.purchase", 1, 0, 1, [Leaky()])
    assert secret not in f"{batch!r} {batch}"
    assert "events.purchase/1 [0, 1) 1 records" in repr(batch)
