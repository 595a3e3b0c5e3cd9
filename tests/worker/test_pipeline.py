"""The pipeline when something goes wrong: it resumes, tries again or stops; it never miscounts."""

import asyncio
from copy import deepcopy

import pytest
from redis.exceptions import ConnectionError as RedisAwayError
from structlog.testing import capture_logs

from profiles.store import Footing, Mark
from schemas.examples import Example, decode
from schemas.topics import DEAD, EXAMPLES
from streams import patience
from streams.dead import read_dead_letter
from streams.transport import RecordBatch
from tests.worker.flaky import (
    PARTITION0,
    TOPIC,
    TP0,
    FlakyStore,
    expected_lines,
    log_of,
    purchase,
)
from tests.worker.stubs import DEAD_PARTITIONS, World, batches

MALFORMED = b"not JSON"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.001)


@pytest.fixture
def store() -> FlakyStore:
    return FlakyStore()


@pytest.fixture
def world(store: FlakyStore) -> World:
    return World(store)


async def test_a_hole_in_the_positions_makes_it_go_back(world: World, store: FlakyStore) -> None:
    first, _, third = log_of(30)
    await world.take([first, third])
    assert world.log.seeks == [(TP0, 10)]
    assert store.lines() == expected_lines(10)
    assert store.marks[PARTITION0].position == 10


async def test_after_the_hole_it_goes_on_where_it_stands(world: World, store: FlakyStore) -> None:
    first, second, third = log_of(30)
    await world.take([first, third, second, third])
    assert store.lines() == expected_lines(30)


async def test_a_store_that_went_back_is_folded_again(world: World, store: FlakyStore) -> None:
    log = log_of(30)
    await world.take(log[:1])
    saved = {c: dict(s) for c, s in store.sections.items()}, dict(store.marks)
    await world.pipeline.process(log[1])
    store.sections, store.marks = saved
    store.incarnation = "restarted"
    await world.pipeline.process(log[2])  # nothing may be folded over the hole
    assert world.log.seeks == [(TP0, 10)]
    for batch in log[1:]:
        await world.pipeline.process(batch)
    assert store.lines() == expected_lines(30)


async def test_a_restart_that_lost_nothing_loses_and_repeats_nothing(
    world: World, store: FlakyStore
) -> None:
    first, second = log_of(20)
    await world.take([first])
    store.incarnation = "restarted"
    await world.pipeline.process(second)
    assert world.log.seeks == [(TP0, 10)]
    await world.pipeline.process(second)
    assert store.lines() == expected_lines(20)


@pytest.mark.parametrize("away", [1, 2, 3])
async def test_the_same_batch_is_tried_until_redis_is_back(
    world: World, store: FlakyStore, away: int
) -> None:
    await world.take([])
    await world.pipeline.place({TP0})
    store.away = away
    (batch,) = log_of(10)
    await world.pipeline.process(batch)
    assert (store.lines(), world.log.seeks) == (expected_lines(10), [])
    assert world.pipeline.counts.batches == 1


async def test_what_was_done_is_logged_once(world: World) -> None:
    """Records, and which of them counted, came twice, or are dead letters by now."""
    twice, malformed = [purchase(0), purchase(0)], [MALFORMED]
    await world.take(batches(TOPIC, 0, twice + malformed, 3))
    with capture_logs() as lines:
        world.pipeline.account()
        world.pipeline.account()
    done = {"batches": 1, "records": 3, "counted": 1, "duplicates": 1, "rejected": 1}
    assert lines == [{"event": "done so far", "log_level": "info", **done}]


class LosesAnswers(FlakyStore):
    """A store that does as told, while its first answer to each question gets lost."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    async def write(self, partition, footing, writes):
        return self.answer("write", await super().write(partition, footing, writes))

    async def finish(self, partition, footing, writes, to):
        return self.answer("finish", await super().finish(partition, footing, writes, to))

    async def advance(self, partition, footing, to, lost=0):
        return self.answer("advance", await super().advance(partition, footing, to, lost))

    def answer(self, question, answer):
        if question not in self.lost:
            self.lost.add(question)
            raise RedisAwayError("connection lost")
        return answer


async def test_a_lost_answer_counts_nothing_twice() -> None:
    store = LosesAnswers()
    await World(store).take(log_of(30))
    assert store.lost == {"write", "finish", "advance"}
    assert store.lines() == expected_lines(30)
    assert store.duplicates() == 0  # skipped by coordinates, before any id is looked at


async def test_nothing_is_stored_before_kafka_has_acknowledged(
    world: World, store: FlakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refusal is looked at: no section and no mark has moved."""
    await world.pipeline.place({TP0})
    seen = []
    send = world.outbox.send

    async def watched(messages):
        seen.append((dict(store.sections), store.marks[PARTITION0].position))
        await send(messages)

    monkeypatch.setattr(world.outbox, "send", watched)
    world.outbox.refusals = 3
    await world.pipeline.process(log_of(10)[0])
    assert seen == [({}, 0)] * 4
    assert store.lines() == expected_lines(10)


async def test_what_kafka_has_acknowledged_is_not_sent_again_while_redis_is_away(
    world: World, store: FlakyStore
) -> None:
    """An hour's outage would have each dead letter of a batch 700 times in a topic that lasts."""
    await world.pipeline.place({TP0})
    store.away = 3
    (batch,) = batches(TOPIC, 0, [purchase(0), MALFORMED, purchase(1)], size=3)
    await world.pipeline.process(batch)
    assert len(list(world.outbox.to(DEAD))) == 1
    assert len(sent(world)) == len({each.id for each in sent(world)}) > 0
    assert store.lines() == expected_lines(2)


async def test_dead_letters_of_a_partition_always_go_to_one_partition(world: World) -> None:
    values = [purchase(1), MALFORMED, b"", purchase(2), b"[]"]
    await world.take(
        [batch for number in range(6) for batch in batches(TOPIC, number, values, size=2)]
    )
    places = {
        (read_dead_letter(m.key, m.value, m.headers).partition, m.partition)
        for m in world.outbox.to(DEAD)
    }
    assert places == {(number, number % DEAD_PARTITIONS) for number in range(6)}
    assert len(list(world.outbox.to(DEAD))) == 6 * 3


def sent(world: World) -> list[Example]:
    """The examples that went out."""
    return [each for m in world.outbox.to(EXAMPLES) for each in decode(m.value or b"")[0]]


async def test_letters_and_examples_of_a_batch_come_in_the_order_of_its_offsets(
    world: World,
) -> None:
    values = [MALFORMED if n % 3 == 0 else purchase(n) for n in range(60)]
    await world.take(batches(TOPIC, 0, values, size=20))
    letters = [read_dead_letter(m.key, m.value, m.headers).offset for m in world.outbox.to(DEAD)]
    ids = [example.id for example in sent(world)]
    assert letters == sorted(set(letters))
    assert ids == sorted(set(ids))


async def test_examples_carry_the_topics_epoch_in_their_ids(world: World) -> None:
    world.epochs.epoch = 0xABC
    await world.take(log_of(10))
    sources = {example.id.topic for example in sent(world)}
    assert sources == {"purchase@0000000000000abc"}


async def test_an_idle_worker_notices_that_redis_was_emptied(
    world: World, store: FlakyStore
) -> None:
    log = log_of(20)
    await world.take(log)
    await world.pipeline.compare()
    assert world.log.seeks == []
    store.sections, store.marks, store.profiles = {}, {}, {}
    await world.pipeline.compare()
    assert world.log.seeks == [(TP0, 0)]
    for batch in log:
        await world.pipeline.process(batch)
    assert store.lines() == expected_lines(20)


async def test_an_idle_worker_notices_that_the_last_batch_was_lost(world: World) -> None:
    first, _ = log_of(20)
    await world.take([first])
    world.log.delivered_to[TP0] = 20  # handed over, done with, and yet not taken
    await world.pipeline.compare()
    assert world.log.seeks == [(TP0, 10)]


async def test_a_partition_that_went_to_another_worker_is_not_compared(
    world: World, store: FlakyStore
) -> None:
    await world.take(log_of(20))
    store.marks[PARTITION0] = Mark(store.marks[PARTITION0].epoch, 30)
    world.log.others.add(TP0)
    await world.pipeline.compare()
    assert (world.log.seeks, world.standings.all()) == ([], [])


async def test_a_partition_that_went_to_another_worker_does_not_say_what_time_it_is(
    world: World,
) -> None:
    """Else nobody would be refreshed any more once it has gone."""
    await world.take(log_of(20))
    assert world.pipeline.clock.state()["own"].keys() == {PARTITION0}
    world.log.others.add(TP0)
    await world.pipeline.compare()
    assert world.pipeline.clock.state()["own"] == {}


async def test_nothing_is_sent_onward_that_was_folded_from_a_store_gone_back(
    world: World, store: FlakyStore
) -> None:
    """Orders that were lost with the store would look new, and be learnt twice."""
    first, second, third = log_of(30)
    await world.take([first])
    older = deepcopy((store.sections, store.marks))
    await world.pipeline.process(second)
    sent = list(world.outbox.sent)
    store.sections, store.marks = older
    store.incarnation = "another"
    world.cache.clear()  # customers that had left it are loaded from the older store
    await world.pipeline.process(third)
    assert (world.outbox.sent, world.log.seeks) == (sent, [(TP0, 10)])


async def test_a_worker_at_work_is_left_alone_by_the_comparison(
    world: World, store: FlakyStore
) -> None:
    await world.pipeline.place({TP0})
    store.away = 1
    task = asyncio.create_task(world.pipeline.process(log_of(10)[0]))
    for _ in range(3):
        await world.pipeline.compare()
    await task
    assert (world.log.seeks, store.lines()) == ([], expected_lines(10))


class SlowToAnswer(FlakyStore):
    """A store whose answer about the mark comes late, and is out of date by then."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    async def footing(self, partition):
        known = await super().footing(partition)
        self.asked.set()
        await self.answer.wait()
        return known


async def test_a_comparison_that_is_out_of_date_changes_nothing() -> None:
    store = SlowToAnswer()
    world = World(store)
    store.answer.set()
    await world.take(log_of(10))
    store.asked.clear()
    store.answer.clear()
    comparing = asyncio.create_task(world.pipeline.compare())
    await store.asked.wait()
    old = store.marks[PARTITION0]
    store.marks[PARTITION0] = Mark(old.epoch, 20)  # what a batch under way does meanwhile
    standing = world.standings.get(TP0)
    assert standing is not None
    standing.position, standing.footing = 20, Footing(Mark(old.epoch, 20), store.incarnation)
    store.answer.set()
    await comparing
    assert world.log.seeks == []


async def test_a_batch_without_records_moves_the_mark(world: World, store: FlakyStore) -> None:
    await world.take([RecordBatch(TOPIC, 0, 0, 9, [])])
    assert store.marks[PARTITION0].position == 9
