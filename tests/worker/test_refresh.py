"""A worker's clock is that of the events it reads, and silent customers follow it."""

import orjson
import pytest

from profiles.learning.clock import BEGINNING, RECENT
from profiles.refresh import Refresher
from tests.worker.flaky import PARTITION0, TOPIC, TP0, FlakyStore, purchase
from tests.worker.stubs import DAY_MS, World, batches

START_MS = 1_300_000_000_000


@pytest.fixture
def store() -> FlakyStore:
    return FlakyStore()


def later(days: int, customer: str = "late") -> list[bytes]:
    """Return as many events of one customer as the clock needs, `days` after the others."""
    return [
        orjson.dumps(
            orjson.loads(purchase(number))
            | {"event_id": f"{days}/{number}", "customer_id": customer}
            | {"ts": START_MS + days * DAY_MS, "order_id": f"{days}"}
        )
        for number in range(RECENT)
    ]


async def test_silent_customers_follow_the_clock_of_the_events(store: FlakyStore) -> None:
    world = World(store)
    refresher = Refresher(store, world.cache, world.deriver, world.standings.stand)
    await world.take(batches(TOPIC, 0, [purchase(n) for n in range(5)], 10))
    assert world.pipeline.clock.common == BEGINNING  # too few events to know
    assert await refresher.tick(world.pipeline.clock.common, 100) == 0
    await world.take(batches(TOPIC, 0, later(days=30), 10, start=5))
    assert world.pipeline.clock.common == START_MS + 30 * DAY_MS
    assert await refresher.tick(world.pipeline.clock.common, 100) == 5
    assert store.profiles["c0"]["recency_days"] == "30"


async def test_one_event_from_the_future_moves_no_clock(store: FlakyStore) -> None:
    world = World(store)
    await world.take(batches(TOPIC, 0, [*later(days=1), later(days=2, customer="stray")[0]], 10))
    assert world.pipeline.clock.common == START_MS + DAY_MS


async def test_a_worker_that_stands_nowhere_refreshes_nobody(store: FlakyStore) -> None:
    world = World(store)
    refresher = Refresher(store, world.cache, world.deriver, world.standings.stand)
    await world.take(batches(TOPIC, 0, later(days=30), 10))
    assert world.standings.stand(str(PARTITION0)) is not None
    world.standings.forget(TP0)
    assert world.standings.stand(str(PARTITION0)) is None
    assert await refresher.tick(START_MS + 90 * DAY_MS, 100) == 0
