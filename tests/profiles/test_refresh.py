"""Profiles of silent customers are brought to a later moment, and nothing else changes."""

from collections.abc import Sequence
from random import Random

import pytest

from profiles.keyspace import Partition
from profiles.refresh import SLICE, Refresher
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import Header
from profiles.store import Footing, Outcome, Write
from profiles.stores.memory import MemoryStore
from profiles.traits.edges import RfmEdges
from profiles.traits.text import time_text

from .owners import BROWSING, EPOCH, PURCHASES, Owner, derived, random_log
from .strategies import DAY_MS, Event
from .test_traits import MIDNIGHT_MS

NOON_MS = DAY_MS // 2
LATER = MIDNIGHT_MS + 40 * DAY_MS + NOON_MS


def purchases(customers: int, days: int = 3) -> list[Event]:
    return [
        {
            "type": "purchase", "event_id": f"{customer}/{day}", "customer_id": str(customer),
            "ts": MIDNIGHT_MS + day * DAY_MS + customer, "quantity": 1, "price": 1.0 + customer,
        }
        for day in range(days)
        for customer in range(customers)
    ]  # fmt: skip


class CountingStore(MemoryStore):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.read: list[str] = []

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        self.written += [write.customer for write in writes]
        return await super().write(partition, footing, writes)

    async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        self.read += customers
        return await super().load_profiles(customers)


def refresher_of(*owners: Owner, folding: Folding = DEFAULT_FOLDING) -> Refresher:
    def stand(field: str) -> tuple[Partition, Footing] | None:
        standing = {str(owner.partition): (owner.partition, owner.footing) for owner in owners}
        return standing.get(field)

    return Refresher(owners[0].store, owners[0].cache, owners[0].deriver, stand, folding)


async def built(log: list[Event], cache_bytes: int = 1 << 20) -> tuple[CountingStore, Owner]:
    store = CountingStore()
    owner = Owner(store, PURCHASES, cache_bytes)
    await owner.follow(log, 1000)
    store.written.clear()
    return store, owner


@pytest.mark.parametrize("cache_bytes", [0, 1 << 20])
async def test_windows_fall_when_nothing_happens_and_no_section_changes(cache_bytes: int) -> None:
    store, owner = await built(purchases(2), cache_bytes)
    sections = {customer: dict(found) for customer, found in store.sections.items()}
    assert store.profiles["1"]["revenue_7d"] == "6.00"
    assert await refresher_of(owner).tick(LATER, 100) == 2
    fields = store.profiles["1"]
    assert "revenue_7d" not in fields
    assert (fields["revenue_90d"], fields["recency_days"]) == ("6.00", "38")
    assert fields["as_of"] == time_text(LATER - NOON_MS)
    assert store.sections == sections


async def test_only_what_differs_is_written_and_once_a_day_at_most() -> None:
    _, owner = await built(purchases(3))
    refresher = refresher_of(owner)
    assert await refresher.tick(MIDNIGHT_MS + 2 * DAY_MS + NOON_MS, 100) == 0  # their own day
    assert await refresher.tick(LATER, 100) == 3
    assert await refresher.tick(LATER + NOON_MS - 1, 100) == 0
    assert await refresher.tick(LATER + NOON_MS, 100) == 3
    assert await refresher.tick(LATER - 20 * DAY_MS, 100) == 0  # another worker's clock: never back


async def test_new_edges_reach_customers_who_do_nothing() -> None:
    store, owner = await built(purchases(2))
    owner.deriver.edges = RfmEdges((0, 1, 2, 3), (1, 2, 3, 4), (1.0, 2.0, 3.0, 4.0), 1, at=0)
    refresher = refresher_of(owner)
    assert await refresher.tick(0, 100) == 2
    assert store.profiles["0"]["rfm.version"] == "1"
    owner.deriver.edges = owner.deriver.edges._replace(version=2)
    assert await refresher.tick(0, 100) == 0  # the same scores: not worth a write
    owner.deriver.edges = owner.deriver.edges._replace(version=3, monetary=(9, 9, 9, 9))
    assert await refresher.tick(0, 100) == 2


async def test_a_walk_goes_on_where_it_was_and_begins_again_at_the_end() -> None:
    store, owner = await built(purchases(3 * SLICE))
    refresher = refresher_of(owner)
    assert await refresher.tick(LATER, SLICE) == SLICE
    assert await refresher.tick(LATER, 2 * SLICE) == 2 * SLICE
    assert sorted(store.written) == sorted(store.profiles)
    assert await refresher.tick(LATER, 10 * SLICE) == 0  # the end of the walk
    assert await refresher.tick(LATER + 30 * DAY_MS, 10 * SLICE) == 3 * SLICE


async def test_a_customer_is_refreshed_by_whoever_owns_the_first_section() -> None:
    store = CountingStore()
    owners = Owner(store, PURCHASES), Owner(store, BROWSING)
    for owner in owners:
        await owner.follow(random_log(owner.partition.kind, 60), 60)
    by_browsing, by_purchase = refresher_of(owners[1]), refresher_of(owners[0])
    both = [customer for customer, sections in store.sections.items() if len(sections) == 2]
    store.written.clear()
    await by_purchase.tick(LATER + 900 * DAY_MS, 100)
    assert not set(both) & set(store.written)
    await by_browsing.tick(LATER + 900 * DAY_MS, 100)
    assert set(both) <= set(store.written)


async def test_a_concurrent_write_wins() -> None:
    """It comes after the refresh has read, and before it writes."""
    log = purchases(2)
    more = {**log[0], "event_id": "new", "ts": LATER, "price": 100.0}
    store, owner = await built(log, cache_bytes=0)
    other = Owner(store, PURCHASES)
    await other.resume()

    class Overtaken(CountingStore):
        async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
            found = await store.load_profiles(customers)
            await other.take([*log, more], len(log) + 1)
            owner.footing = other.footing
            return found

    overtaken = Overtaken()
    overtaken.__dict__.update(store.__dict__)
    owner.store = overtaken
    assert await refresher_of(owner).tick(LATER + DAY_MS, 100) == 1  # the customer left alone
    assert store.profiles["0"] == derived(store.sections["0"])
    assert store.profiles["0"]["revenue_7d"] == "100.00"


async def test_a_batch_folded_before_a_refresh_and_written_after_it_leaves_no_mixture() -> None:
    """Its changes must not be those against what the refresh has replaced."""
    log = purchases(1)
    store, owner = await built(log)
    late = {**log[0], "event_id": "late", "price": 50.0}  # of a day that is in the profile already
    update = await owner.updater.fold(owner.batch([*log, late], len(log), len(log) + 1))
    assert await refresher_of(owner).tick(LATER, 100) == 1
    await owner.updater.write(owner.footing, update)
    assert store.profiles["0"] == derived(store.sections["0"])


async def test_customers_on_their_way_to_the_store_are_left_alone() -> None:
    store, owner = await built(purchases(2))
    with owner.cache.writing(["1"]):
        assert await refresher_of(owner).tick(LATER, 100) == 1
    assert store.written == ["0"]


async def test_a_refresh_over_a_moved_mark_writes_nothing() -> None:
    _, owner = await built(purchases(2))
    footing, owner.footing = owner.footing, owner.footing._replace(incarnation="another")
    assert await refresher_of(owner).tick(LATER, 100) == 0
    owner.footing = footing
    assert await refresher_of(owner).tick(LATER, 100) == 2


async def test_stale_profiles_and_sections_of_other_code_are_left_to_their_worker() -> None:
    store, owner = await built(purchases(2))
    store.stale.add("0")
    other = Header(7, EPOCH, 0).pack()
    store.sections["1"] = {"purchase/0": other + store.sections["1"]["purchase/0"][len(other) :]}
    assert await refresher_of(owner).tick(LATER, 100) == 0


async def test_sections_of_another_half_life_are_not_derived_from() -> None:
    _, owner = await built(purchases(2))
    assert await refresher_of(owner, folding=Folding(7)).tick(LATER, 100) == 0
    assert await refresher_of(owner).tick(LATER, 100) == 2


async def test_folding_goes_on_after_a_refresh_as_if_it_had_not_been() -> None:
    log = random_log("purchase", 400, customers=5)
    random, now = Random(3), LATER
    store = CountingStore()
    owner = Owner(store, PURCHASES)
    await owner.resume()
    while owner.position < len(log):
        await owner.take(log, min(owner.position + random.randrange(1, 40), len(log)))
        now += random.randrange(3) * DAY_MS
        await refresher_of(owner).tick(now, 100)
    plain, _ = await built(log)
    assert store.sections == plain.sections
    for customer, fields in store.profiles.items():
        silent = {"as_of", "recency_days", "revenue_trend"}
        same = {n for n in fields if n not in silent and not n.startswith("revenue_")}
        assert {n: fields[n] for n in same} == {n: plain.profiles[customer][n] for n in same}
