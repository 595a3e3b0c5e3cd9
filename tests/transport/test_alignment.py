"""Topics are kept in step by the time of the log, and nobody waits for one who is away."""

import asyncio
import contextlib
import math
from collections import Counter
from types import SimpleNamespace

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.transport import RecordBatch, alignment, batch_topic
from streams.transport.alignment import STRETCH, Alignment
from streams.transport.lanes import Lane, follow
from tests.transport.conftest import WAIT_SECONDS, Log, running

TOPICS = ["browse", "purchase", "touch"]
BEGAN = 1_700_000_000_000


class Consumer:
    """Wants every batch; says of the partitions in `more` that they have more to hand over."""

    def __init__(self) -> None:
        self.more: set[TP] = set()
        self.unwanted: set[int] = set()
        self.now = math.inf

    def hold(self, message):
        pass

    def wants(self, message):
        return id(message) not in self.unwanted

    def drop(self, message):
        pass

    def has_more(self, tp, since):
        return tp in self.more

    def heard_at(self, tp):
        return self.now

    def done(self, messages):
        pass


class Rig:
    """Lanes of one partition number, and what they process, in order: (topic, logged at)."""

    def __init__(self, *topics: str) -> None:
        self.consumer, self.processed, self.sizes = Consumer(), [], {topic: [] for topic in topics}
        self.done = Counter()  # records of each topic
        self.began = []  # (topic, records, those done when it began)
        self.alignment = Alignment(TOPICS)
        self.lanes = {topic: self._lane(topic) for topic in topics}
        self._positions = dict.fromkeys(topics, 0)
        self.work = asyncio.Event()
        self.work.set()

    def _lane(self, topic: str) -> Lane:
        async def process(batch: RecordBatch) -> None:
            self.sizes[topic].append(len(batch))
            self.began.append((topic, len(batch), self.done.copy()))
            await self.work.wait()
            self.processed += [(topic, record.timestamp - BEGAN) for record in batch]
            await asyncio.sleep(0)
            self.done[topic] += len(batch)

        return Lane(TP(topic, 0), self.consumer, process, 5_000, self.alignment)

    def put(self, topic: str, times) -> SimpleNamespace:
        first = self._positions[topic]
        records = [
            SimpleNamespace(offset=first + number, timestamp=BEGAN + at)
            for number, at in enumerate(times)
        ]
        self._positions[topic] = first + len(records)
        batch = RecordBatch(topic, 0, first, first + len(records), records)
        message = SimpleNamespace(value=batch, acked=False)
        self.lanes[topic].put(message)
        return message

    @contextlib.asynccontextmanager
    async def running(self):
        tasks = [asyncio.create_task(lane.run()) for lane in self.lanes.values()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while len(self.processed) < count:
                await asyncio.sleep(0.001)


def worst_lead(processed, leader: str | None = None) -> float:
    """Return by how much a record was ahead of one of another topic that came later (ms).

    With a `leader`: of those later ones that are the leader's.
    """
    lead, earliest = -math.inf, {}
    for topic, at in reversed(processed):
        later = [time for name, time in earliest.items() if name != topic]
        if leader is not None:
            later = [earliest[leader]] if leader in earliest and topic != leader else []
        lead = max([lead, *(at - time for time in later)])
        earliest[topic] = min(at, earliest.get(topic, math.inf))
    return lead


TIMES = st.lists(st.integers(0, 5_000), max_size=60).map(sorted)


@given(browse=TIMES, purchase=TIMES, touch=TIMES, size=st.integers(1, 20))
def test_all_is_in_order_and_only_who_did_most_goes_ahead_and_by_no_more_than_it_did(
    browse, purchase, touch, size
):
    async def carry():
        rig = Rig(*TOPICS)
        logs = {"browse": browse, "purchase": purchase, "touch": touch}
        for topic, times in logs.items():
            for start in range(0, len(times), size):
                rig.put(topic, times[start : start + size])
        async with rig.running():
            await rig.until(sum(map(len, logs.values())))
        for topic, times in logs.items():
            assert [at for name, at in rig.processed if name == topic] == times
        for topic, count, done in rig.began:
            left = {each: times[done[each] :] for each, times in logs.items()}
            taken = left[topic][:count]
            others = {each: times[0] for each, times in left.items() if times and each != topic}
            leader = max((topic, *others), key=lambda each: (done[each], each))
            if leader != topic:
                assert taken[-1] <= others[leader]
            else:
                ahead = [at for at in taken if at > min(others.values(), default=math.inf)]
                assert len(ahead) <= max(1, done[topic])

    asyncio.run(carry())


async def test_the_densest_lane_takes_large_batches_and_the_others_follow_it():
    rig = Rig(*TOPICS)
    rig.put("browse", range(0, 400_000, 100))
    rig.put("purchase", range(0, 400_000, 1_000))
    rig.put("touch", range(0, 400_000, 5_000))
    async with rig.running():
        await rig.until(4_480)
    batches = max(map(len, rig.sizes.values()))
    assert batches <= 4_000 / STRETCH + math.log2(STRETCH) + 1  # its stretches double at first
    assert worst_lead(rig.processed, "browse") <= 0
    assert worst_lead(rig.processed) <= STRETCH * 100


async def test_a_sparse_topic_that_comes_first_is_not_taken_for_the_dense_one():
    """What a topic hands over at once says nothing of its density: a fetch may be cut anywhere."""
    rig = Rig("browse", "purchase")
    rig.consumer.more = {TP("browse", 0)}
    rig.put("browse", [0])
    rig.put("purchase", range(0, 600_000, 10_000))
    async with rig.running():
        await rig.until(2)
        await asyncio.sleep(0.01)
        rig.put("browse", range(100, 600_000, 100))
        rig.consumer.more = set()
        await rig.until(6_060)
    assert worst_lead(rig.processed) <= STRETCH * 100


async def test_a_lane_waits_for_records_that_another_is_about_to_hand_over():
    rig = Rig("browse", "purchase")
    rig.put("browse", [0, 1])
    async with rig.running():
        await rig.until(2)
    rig.consumer.more = {TP("browse", 0)}
    rig.put("purchase", [5_000])
    async with rig.running():
        await asyncio.sleep(0.05)
        assert len(rig.processed) == 2
        rig.put("browse", [10])
        rig.consumer.more = set()
        await rig.until(4)
    assert rig.processed[2:] == [("browse", 10), ("purchase", 5_000)]


async def test_a_partition_that_never_hands_over_what_it_has_holds_nobody_for_long(monkeypatch):
    monkeypatch.setattr(alignment, "SILENCE_SECONDS", 0.05)
    rig = Rig("purchase")
    rig.consumer.more = {TP("touch", 0)}
    rig.put("purchase", [5_000])
    async with rig.running():
        await rig.until(1)
        rig.put("purchase", [90_000])
        async with asyncio.timeout(alignment.LOOK_SECONDS):  # it is known to be silent
            await rig.until(2)


async def test_a_lane_at_work_for_long_is_not_silent_when_it_is_done(monkeypatch):
    """Its next records are on their way: the others go on waiting for them."""
    monkeypatch.setattr(alignment, "SILENCE_SECONDS", 0.05)
    rig = Rig("browse", "purchase")
    rig.work.clear()
    rig.put("browse", [0, 1])
    rig.consumer.more = {TP("browse", 0)}
    async with rig.running():
        rig.put("purchase", [5_000])
        await asyncio.sleep(0.1)
        rig.work.set()
        await rig.until(2)
        await asyncio.sleep(0.01)
        assert len(rig.processed) == 2
        rig.put("browse", [10])
        await rig.until(4)
    assert rig.processed[2:] == [("browse", 10), ("purchase", 5_000)]


async def test_a_record_of_a_clock_that_is_ahead_waits_for_nobody_who_is_later_than_its_arrival():
    rig = Rig("browse", "purchase")
    rig.consumer.now = BEGAN + 1_000
    rig.put("browse", [900_000_000, 500, 600])
    rig.put("purchase", [2_000])
    async with rig.running():
        await rig.until(4)
    assert rig.processed[-1] == ("purchase", 2_000)


async def test_records_of_a_clock_that_is_ahead_come_in_one_piece():
    """One by one, each with writes of its own, they would keep the leading topic waiting, too."""
    rig = Rig("browse", "purchase")
    rig.put("browse", range(1_000))
    async with rig.running():
        await rig.until(1_000)
        rig.consumer.now = BEGAN + 1_000
        rig.put("purchase", [3_600_000 + number for number in range(200)])
        rig.consumer.now = BEGAN + 1_100
        rig.put("browse", range(1_001, 1_051))
        await rig.until(1_250)
    assert rig.sizes["purchase"] == [200]


async def test_the_others_stay_in_step_when_the_leading_topic_has_nothing():
    rig = Rig(*TOPICS)
    rig.put("browse", range(0, 2_000, 10))
    async with rig.running():
        await rig.until(200)
        rig.put("purchase", range(10_000, 30_000, 100))
        rig.put("touch", range(10_000, 30_000, 1_000))
        await rig.until(420)
    assert worst_lead(rig.processed[200:], "purchase") <= 0


async def test_what_is_left_of_a_message_shows_how_far_it_is_done(monkeypatch):
    monkeypatch.setattr(alignment, "STRETCH", 1)
    rig = Rig("browse", "purchase")
    rig.put("browse", [0, 100, 200])
    message = rig.put("purchase", [50, 150])
    seen = []
    rig.consumer.done = lambda messages: seen.append(message.value.from_position)
    async with rig.running():
        await rig.until(5)
    assert 1 in seen


async def test_a_lane_whose_records_were_overtaken_by_a_seek_holds_nobody():
    rig = Rig("browse", "purchase")
    rig.work.clear()
    rig.put("browse", [0])
    async with rig.running():
        await asyncio.sleep(0.01)
        stale = rig.put("browse", [10])
        rig.put("purchase", [5_000])
        rig.consumer.unwanted.add(id(stale))
        rig.work.set()
        await rig.until(2)
    assert rig.processed == [("browse", 0), ("purchase", 5_000)]


@pytest.mark.parametrize(("number", "waits"), [(0, True), (1, False)])
async def test_only_lanes_of_one_number_wait_for_each_other(number, waits):
    rig = Rig("browse")
    rig.work.clear()
    rig.put("browse", [0, 1])
    other = Lane(TP("purchase", number), rig.consumer, rig.work.wait, 10, rig.alignment)
    record = SimpleNamespace(offset=0, timestamp=BEGAN + 5_000)
    batch = RecordBatch("purchase", number, 0, 1, [record])
    async with rig.running():
        other.put(SimpleNamespace(value=batch, acked=False))
        turn = asyncio.create_task(other._turn())
        await asyncio.sleep(0.01)
        assert turn.done() is not waits
        turn.cancel()


@pytest.mark.parametrize("aligned", [True, False])
async def test_topics_of_a_broker_are_read_in_step(broker, aligned):
    """Without it the short topic is through long before the other: what the test would show."""
    logs = [Log(broker.bootstrap) for _ in range(2)]
    for log, count, step in zip(logs, (6_000, 60), (100, 10_000), strict=True):
        for number in range(count):
            at = BEGAN + number * step
            log._producer.produce(log.topic, b"x", key=b"k", partition=0, timestamp=at)
            log._producer.poll(0)
        assert log._producer.flush(WAIT_SECONDS) == 0
    together = Alignment(log.topic for log in logs) if aligned else None
    app, processed = logs[0].app(max_records=500, alignment=together), []

    async def process(batch):
        processed.extend((batch.topic, record.timestamp) for record in batch)
        await asyncio.sleep(0.01)

    for log in logs:

        def agent(stream):
            return follow(app, stream, process, 500)

        async def keeping(stream, agent=agent):
            await agent(stream)

        app.agent(batch_topic(app, log.topic), name=log.topic)(keeping)
    async with running(app):
        async with asyncio.timeout(WAIT_SECONDS):
            while len(processed) < 6_060:
                await asyncio.sleep(0.01)
    lead = worst_lead(processed)
    assert lead <= STRETCH * 100 if aligned else lead > STRETCH * 100
