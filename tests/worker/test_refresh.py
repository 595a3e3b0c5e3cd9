"""A worker's clock is that of the events it reads, and silent customers follow it."""

import orjson
import pytest

from profiles.learning.clock import BEGINNING, RECENT
from profiles.refresh import Refresher
from tests.worker.flaky import CUSTOMERS, PARTITION0, TOPIC, TP0, FlakyStore, purchase
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


def facts(count: int) -> list[bytes]:
    """Return what was known of customers a year before they bought anything."""
    event = {"type": "customer", "ts": START_MS - 365 * DAY_MS, "age": 40}
    return [
        orjson.dumps(event | {"event_id": f"f{n}", "customer_id": f"c{n % CUSTOMERS}"})
        for n in range(count)
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


async def test_an_import_that_is_over_does_not_stop_refreshing(
    store: FlakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its partitions are half of all, and nothing more may ever come from them."""
    monkeypatch.setattr("streams.worker.pipeline.SILENCE", 250)
    world = World(store)
    for partition in 0, 1:
        await world.take(batches("events.customer", partition, facts(RECENT), 10))
    for at in range(0, 450, RECENT):
        for partition in 0, 1:
            bought = [purchase(number) for number in range(at, at + RECENT)]
            await world.take(batches(TOPIC, partition, bought, RECENT, start=at))
        if at < 90:
            assert world.pipeline.clock.common < START_MS
    assert world.pipeline.clock.common > START_MS


async def test_a_worker_that_stands_nowhere_refreshes_nobody(store: FlakyStore) -> None:
    world = World(store)
    refresher = Refresher(store, world.cache, world.deriver, world.standings.stand)
    await world.take(batches(TOPIC, 0, later(days=30), 10))
    assert world.standings.stand(str(PARTITION0)) is not None
    world.standings.forget(TP0)
    assert world.standings.stand(str(PARTITION0)) is None
    assert await refresher.tick(START_MS + 90 * DAY_MS, 100) == 0
