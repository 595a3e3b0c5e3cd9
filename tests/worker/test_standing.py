"""Where a worker stands when a topic was recreated, or its log no longer reaches back."""

from collections import Counter

import pytest

from profiles.errors import TopicRecreatedError
from profiles.store import Footing, Mark
from streams.transport import PositionOutOfRangeError
from tests.worker.flaky import (
    CUSTOMERS,
    PARTITION0,
    TOPIC,
    TP0,
    FlakyStore,
    expected_lines,
    log_of,
    purchase,
)
from tests.worker.stubs import World, batches


@pytest.fixture
def store() -> FlakyStore:
    return FlakyStore()


@pytest.fixture
def world(store: FlakyStore) -> World:
    return World(store)


async def test_a_recreated_topic_stops_the_worker_and_says_what_to_do(
    world: World, store: FlakyStore
) -> None:
    await world.take(log_of(10))
    world.epochs.epoch = 2
    with pytest.raises(TopicRecreatedError, match="PORTRAIT_ON_RECREATED_TOPIC=continue"):
        await World.take(_again(store, 2), log_of(10))


async def test_an_idle_worker_notices_that_the_topic_was_recreated(world: World) -> None:
    await world.take(log_of(10))
    world.epochs.epoch = 2
    with pytest.raises(TopicRecreatedError):
        await world.pipeline.compare()


async def test_a_recreated_topic_can_be_added_to_what_is_there(store: FlakyStore) -> None:
    await World(store, recreated="continue").take(log_of(10))
    second_life = _again(store, 2, recreated="continue")
    values = [purchase(number) for number in range(10, 30)]
    await second_life.take(batches(TOPIC, 0, values, size=10))
    assert store.lines() == expected_lines(30)
    assert store.marks[PARTITION0] == Mark(2, 20)
    assert store.gaps.get(PARTITION0, 0) == 0


def _again(store: FlakyStore, epoch: int, **settings: str) -> World:
    """Another worker on the same store, in another life of the topic."""
    world = World(store, **settings)
    world.epochs.epoch = epoch
    return world


async def test_a_truncated_log_stops_the_worker_and_says_what_to_do(world: World) -> None:
    await world.take(log_of(10))
    with pytest.raises(PositionOutOfRangeError, match="PORTRAIT_ON_TRUNCATED_LOG=count_gap"):
        await world.pipeline.out_of_range(TP0, 10, beginning=25, end=40)


async def test_a_truncated_log_can_be_gone_on_with_and_the_gap_is_counted(
    store: FlakyStore,
) -> None:
    world = World(store, truncated="count_gap")
    await world.take(log_of(10))
    assert await world.pipeline.out_of_range(TP0, 10, beginning=25, end=40) == 25
    values = [purchase(number) for number in range(25, 40)]
    for batch in batches(TOPIC, 0, values, size=15, start=25):
        await world.pipeline.process(batch)
    assert store.gaps[PARTITION0] == 15
    assert store.lines() == expected_lines(10) + Counter(f"c{n % CUSTOMERS}" for n in range(15))


@pytest.mark.parametrize(("mark", "position", "gap"), [(10, 25, 15), (20, 25, 5), (30, 30, 0)])
async def test_a_truncated_log_is_gone_on_with_where_the_store_moved_meanwhile(
    store: FlakyStore, mark: int, position: int, gap: int
) -> None:
    """Redis came back as another one, or a batch that was under work has moved the mark."""
    world = World(store, truncated="count_gap")
    await world.take(log_of(10))
    store.incarnation = "another"
    store.marks[PARTITION0] = Mark(1, mark)
    assert await world.pipeline.out_of_range(TP0, 10, beginning=25, end=40) == position
    assert store.gaps.get(PARTITION0, 0) == gap
    assert world.standings.get(TP0).position == position


async def test_a_position_beyond_the_log_stops_the_worker_in_any_case(store: FlakyStore) -> None:
    world = World(store, truncated="count_gap")
    await world.take(log_of(10))
    with pytest.raises(PositionOutOfRangeError, match="lost its end, or is another one"):
        await world.pipeline.out_of_range(TP0, 10, beginning=0, end=5)


async def test_a_log_that_had_lost_its_beginning_before_it_was_read_is_a_gap(
    world: World, store: FlakyStore
) -> None:
    world.log.beginnings[TP0] = 7
    assert await world.pipeline.place({TP0}) == {TP0: 7}
    assert store.gaps[PARTITION0] == 7
    assert await store.footing(PARTITION0) == Footing(Mark(1, 7), "memory")
