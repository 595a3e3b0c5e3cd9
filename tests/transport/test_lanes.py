"""Partitions side by side: each in order, joined when behind, bounded, and stopped by a defect."""

import asyncio
from types import SimpleNamespace

import pytest
from faust.types import TP

from streams.transport import AppCrashedError, RecordBatch, batch_topic
from streams.transport.driver import RECORD_BYTES
from streams.transport.lanes import Lane, follow
from tests.transport.conftest import WAIT_SECONDS, Seen, collect, running

PARTITIONS = 4


def add_lanes(app, topic, process, max_records=100):
    @app.agent(batch_topic(app, topic), name=f"lanes-{topic}")
    async def agent(stream):
        await follow(app, stream, process, max_records)


class Gate:
    """Takes batches; those of partition 0 wait until it is opened."""

    def __init__(self) -> None:
        self.seen, self.stuck, self.opened = Seen(), asyncio.Event(), asyncio.Event()

    async def __call__(self, batch: RecordBatch) -> None:
        if batch.partition == 0:
            self.stuck.set()
            await self.opened.wait()
        await self.seen.add(batch)


async def test_a_partition_that_waits_does_not_hold_up_its_neighbours(log):
    for partition in range(PARTITIONS):
        log.fill(2_000, partition)
    app, gate = log.app(max_records=100), Gate()
    add_lanes(app, log.topic, gate)
    async with running(app):
        for partition in range(1, PARTITIONS):
            await gate.seen.until_position(2_000, partition)
        await asyncio.wait_for(gate.stuck.wait(), WAIT_SECONDS)
        assert 0 not in gate.seen.offsets()
        gate.opened.set()
        await gate.seen.until_position(2_000)
    assert gate.seen.offsets() == {n: list(range(2_000)) for n in range(PARTITIONS)}
    assert [log.committed(n) for n in range(PARTITIONS)] == [2_000] * PARTITIONS


class StubConsumer:
    """Wants every batch, and notes those that are done with."""

    def __init__(self) -> None:
        self.finished = []

    def hold(self, message):
        pass

    def wants(self, message):
        return True

    def done(self, messages):
        self.finished += messages


async def joined_by(spans, max_records):
    """Return the spans that a lane makes of those that were there before it began."""
    taken, consumer = [], StubConsumer()

    async def process(batch):
        taken.append((batch.from_position, batch.next_position, len(batch)))

    lane = Lane(TP("t", 0), consumer, process, max_records)
    for start, end in spans:
        record = SimpleNamespace(timestamp=0)
        batch = RecordBatch("t", 0, start, end, [record] * (end - start))
        lane.put(SimpleNamespace(value=batch, acked=False))
    running_lane = asyncio.create_task(lane.run())
    while len(consumer.finished) < len(spans):
        await asyncio.sleep(0)
    running_lane.cancel()
    return taken


async def test_what_waits_is_taken_in_one_piece_up_to_the_bound():
    spans = [(0, 10), (10, 30), (30, 45), (45, 46)]
    assert await joined_by(spans, 40) == [(0, 30, 30), (30, 46, 16)]
    assert await joined_by(spans, 5) == [(0, 10, 10), (10, 30, 20), (30, 45, 15), (45, 46, 1)]


async def test_batches_are_not_joined_over_a_hole():
    assert await joined_by([(0, 10), (20, 30), (30, 40)], 100) == [(0, 10, 10), (20, 40, 20)]


async def test_a_lane_that_is_behind_is_not_fetched_for(log):
    log.fill(2_000)
    app, gate = log.app(max_records=50), Gate()
    add_lanes(app, log.topic, gate)
    async with running(app):
        await asyncio.wait_for(gate.stuck.wait(), WAIT_SECONDS)
        for _ in range(20):  # the drain loop gets every chance to run ahead
            await asyncio.sleep(0.01)
        held = [m for m in app.consumer._in_flight if not m.acked]
        assert sum(m.serialized_value_size for m in held) <= 2 * 50
        gate.opened.set()
        await gate.seen.until_position(2_000)


@pytest.mark.parametrize("part", [{"size": 10_000}, {"headers": [("trace", b"x" * 10_000)]}])
async def test_of_large_records_a_lane_holds_fewer(log, part):
    for _ in range(40):
        log.fill(10, **part)
    app, gate = log.app(max_records=400, max_fetch_bytes=100_000), Gate()
    add_lanes(app, log.topic, gate, max_records=400)
    async with running(app):
        await asyncio.wait_for(gate.stuck.wait(), WAIT_SECONDS)
        for _ in range(50):  # the drain loop gets every chance to run ahead
            await asyncio.sleep(0.01)
        held = [len(m.value.records) for m in app.consumer._in_flight if not m.acked]
        assert sum(held) * 10_000 <= 400 * RECORD_BYTES + 100_000
        gate.opened.set()
        await gate.seen.until_position(400)


async def test_however_many_partitions_are_behind_what_they_hold_together_is_bounded(
    log, monkeypatch
):
    monkeypatch.setattr("streams.transport.driver.BATCHES_HELD", 1)
    for partition in range(PARTITIONS):
        for _ in range(20):
            log.fill(20, partition)  # as much as one fetch of so few bytes brings
    app = log.app(max_records=50, max_fetch_bytes=100)
    seen, opened = Seen(), asyncio.Event()

    async def process(batch):
        await opened.wait()
        await seen.add(batch)

    def held():
        return [m for m in app.consumer._in_flight if not m.acked]

    add_lanes(app, log.topic, process, max_records=50)
    async with running(app):
        async with asyncio.timeout(WAIT_SECONDS):
            while len({m.partition for m in held()}) < PARTITIONS:  # everybody has something
                await asyncio.sleep(0.01)
        for _ in range(20):  # the drain loop gets every chance to run ahead
            await asyncio.sleep(0.01)
        # alone each would hold 60; the fourth may have come when the others held 50
        assert sum(len(m.value.records) for m in held()) <= 50 + PARTITIONS * 20
        opened.set()
        for partition in range(PARTITIONS):
            await seen.until_position(400, partition)
    assert seen.offsets() == {n: list(range(400)) for n in range(PARTITIONS)}


async def test_the_more_partitions_there_are_the_less_is_fetched_of_each(log, monkeypatch):
    monkeypatch.setattr("streams.transport.fetching.LEAST_FETCH_BYTES", 10)
    monkeypatch.setattr("streams.transport.fetching.FETCHED_BYTES", 4_000)
    log.fill(1)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(1)
        client = app.consumer._thread._ensure_consumer()
        assert client._fetcher._max_partition_fetch_bytes == 4_000 // PARTITIONS


async def test_the_first_error_of_a_lane_ends_the_app_with_it(log):
    for partition in range(PARTITIONS):
        log.fill(10, partition)

    async def broken(batch):
        if batch.partition == 2:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    app = log.app()
    add_lanes(app, log.topic, broken)
    with pytest.raises(AppCrashedError, match=r"crashed: ZeroDivisionError"):
        async with running(app) as task:
            await asyncio.wait({task}, timeout=WAIT_SECONDS)


async def test_a_seek_drops_what_waits_in_the_lane(log):
    log.fill(1_000)
    app, seen, sought = log.app(max_records=20), Seen(), []

    async def seeker(batch):
        await seen.add(batch)
        if batch.from_position >= 300 and len(sought) < 3:
            await asyncio.sleep(0.05)  # let the lane and the next fetch fill
            sought.append(len(seen.batches))
            await app.consumer.seek(batch.tp, 100)

    add_lanes(app, log.topic, seeker, max_records=50)
    async with running(app):
        await seen.until_position(1_000)
    assert [seen.batches[index].from_position for index in sought] == [100] * 3
    assert seen.offsets()[0][-900:] == list(range(100, 1_000))
    assert log.committed() == 1_000


async def test_a_stop_finishes_the_batch_under_work_and_begins_none_of_those_that_wait(log):
    log.fill(1_000)
    app, begun, finished = log.app(max_records=20), asyncio.Event(), Seen()

    async def slow(batch):
        begun.set()
        await asyncio.sleep(0.3)
        await finished.add(batch)

    add_lanes(app, log.topic, slow, max_records=20)
    async with running(app):
        await asyncio.wait_for(begun.wait(), WAIT_SECONDS)
    (batch,) = finished.batches
    assert log.committed() == batch.next_position


async def test_a_partition_counts_as_under_way_until_its_lane_is_empty(log):
    """What looks for lost batches must not take one that waits for a lost one."""
    log.fill(100)
    app, gate = log.app(max_records=10), Gate()
    add_lanes(app, log.topic, gate)
    async with running(app):
        await asyncio.wait_for(gate.stuck.wait(), WAIT_SECONDS)
        assert app.consumer.delivered(TP(log.topic, 0)) is None
        gate.opened.set()
        await gate.seen.until_position(100)
        async with asyncio.timeout(WAIT_SECONDS):
            while app.consumer.delivered(TP(log.topic, 0)) != 100:
                await asyncio.sleep(0)
    assert gate.seen.offsets() == {0: list(range(100))}
