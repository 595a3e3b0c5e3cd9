"""Profiles are a function of the log, whatever the batches, the caches and the redeliveries."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest
from redis.exceptions import ConnectionError as LostConnectionError

from profiles.changes import Batch
from profiles.errors import (
    HalfLifeError,
    OtherCodeError,
    StoreMovedError,
    WriteConflictError,
    WriteRefusedError,
)
from profiles.keyspace import Partition
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import HEADER_SIZE, Header
from profiles.store import Footing, Mark, Outcome, Sections, Store, Write
from profiles.stores.memory import MemoryStore
from profiles.update import ROUNDS, ProfileUpdater

from .owners import BROWSING, EPOCH, PURCHASES, Owner, derived, random_log
from .strategies import DAY_MS, NOON_MS

LOG = random_log("purchase", 400)


async def everything(store: Store) -> dict[str, tuple[Sections, dict[str, str]]]:
    """Return sections and public fields of everybody; nobody may be stale."""
    found = {}
    async for customer, state in store.scan():
        assert not state.stale
        found[customer] = (state.sections, await store.profile(customer))
    return found


async def expected() -> tuple[dict[str, Any], Owner]:
    store = MemoryStore()
    owner = Owner(store, PURCHASES)
    await owner.follow(LOG, len(LOG))
    return await everything(store), owner


@pytest.mark.parametrize("cache_bytes", [0, 5_000, 1 << 20])
@pytest.mark.parametrize("size", [1, 7, 5_000])
async def test_batches_and_caches_of_any_size_give_the_same_profiles(
    store: Store, size: int, cache_bytes: int
) -> None:
    owner = Owner(store, PURCHASES, cache_bytes)
    await owner.follow(LOG, size)
    profiles, whole = await expected()
    assert await everything(store) == profiles
    assert (owner.counted, owner.duplicates) == (whole.counted, whole.duplicates)
    assert owner.counted + owner.duplicates == len(LOG)


async def test_a_batch_of_many_customers_lets_others_have_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profiles, whole = await expected()
    monkeypatch.setattr("profiles.update.SLICE", 2)
    owner, turns = Owner(MemoryStore(), PURCHASES), 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    await owner.follow(LOG, len(LOG))
    other.cancel()
    assert turns >= len(profiles) // 2
    assert await everything(owner.store) == profiles
    assert owner.moments == whole.moments


async def test_a_batch_of_many_customers_holds_the_decoded_sections_of_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They take several times their bytes; beside a few that are kept, bytes alone are held."""
    monkeypatch.setattr("profiles.update.DECODED_BYTES", 0)
    owner, log = Owner(MemoryStore(), PURCHASES), random_log("purchase", 400, customers=100)
    before = decoded_sections()
    update = await owner.updater.fold(owner.batch(log, 0, len(log)))
    assert len(update.changes) == 100
    assert decoded_sections() == before


def decoded_sections() -> int:
    gc.collect()
    return sum(isinstance(each, PurchaseFacts) for each in gc.get_objects())


@pytest.mark.parametrize(("size", "overlap"), [(1, 3), (7, 20), (50, 400)])
async def test_redelivered_records_change_nothing(store: Store, size: int, overlap: int) -> None:
    owner = Owner(store, PURCHASES)
    await owner.follow(LOG, size, overlap)
    profiles, whole = await expected()
    assert await everything(store) == profiles
    assert owner.moments == whole.moments
    assert owner.counted + owner.duplicates == len(LOG)


async def test_a_log_read_a_second_time_writes_nothing(store: Store) -> None:
    await Owner(store, PURCHASES).follow(LOG, 100)
    owner = Owner(store, PURCHASES)
    await owner.resume()
    update = await owner.updater.fold(owner.batch(LOG, 0, len(LOG)))
    assert (update.changes, update.moments, update.counted) == ([], [], 0)


async def test_the_same_events_at_new_offsets_are_duplicates(store: Store) -> None:
    owner = Owner(store, PURCHASES)
    await owner.follow(LOG[:100], 30)
    before = {customer: fields for customer, (_, fields) in (await everything(store)).items()}
    counted = owner.counted
    await owner.follow(LOG[:100] + LOG[:100], 30)
    after = {customer: fields for customer, (_, fields) in (await everything(store)).items()}
    assert (after, owner.counted) == (before, counted)


@pytest.mark.parametrize("size", [1, 7, 5_000])
async def test_moments_come_by_offset_and_are_the_same_whatever_the_batches(size: int) -> None:
    owner = Owner(MemoryStore(), PURCHASES)
    await owner.follow(LOG, size)
    _, whole = await expected()
    assert owner.moments == whole.moments
    offsets = [moment.offset for moment in owner.moments]
    assert offsets == sorted(offsets)


async def test_a_moment_is_the_first_line_of_an_order_with_its_features_as_of_then() -> None:
    owner = Owner(MemoryStore(), PURCHASES)
    await owner.follow(LOG, 50)
    begun, first_lines = set(), []
    for offset, event in enumerate(LOG):
        order = (event["customer_id"], event["order_id"])
        if event["type"] == "purchase" and order not in begun:
            begun.add(order)
            first_lines.append((offset, event["customer_id"], "order"))
    asked = [moment for moment in owner.moments if moment.kind]
    assert [moment[:3] for moment in asked] == first_lines
    orders_then = [moment.features[0] for moment in asked if moment.customer == "3"]
    assert orders_then == list(range(1, len(orders_then) + 1))


async def test_features_as_of_a_late_event_stay_small_whatever_was_seen_after() -> None:
    """A purchase dated decades before the browsing must neither overflow nor outweigh it."""
    store = MemoryStore()
    look = {"type": "browse", "event_id": "b", "customer_id": "c", "action": "view"}
    await Owner(store, BROWSING).follow([look | {"ts": 4_102_444_799_999}], 1)
    buyer = Owner(store, PURCHASES)
    old = {"type": "purchase", "event_id": "p", "customer_id": "c", "ts": 4_102_444_801}
    await buyer.follow([old | {"quantity": 1}], 1)
    assert max(buyer.moments[0].features) <= 365


# zombies, moved stores, lost replies


async def test_a_zombie_with_an_old_cache_changes_nothing_and_is_told(store: Store) -> None:
    zombie, owner = Owner(store, PURCHASES), Owner(store, PURCHASES)
    await zombie.resume()
    await zombie.take(LOG, 100)
    late = await zombie.updater.fold(zombie.batch(LOG, 100, 200))
    await owner.follow(LOG, 50)
    before = await everything(store)
    with pytest.raises(StoreMovedError):
        await zombie.updater.write(zombie.footing, late)
    assert await everything(store) == before == (await expected())[0]


async def test_a_zombie_under_the_same_mark_meets_the_headers(store: Store) -> None:
    """The new owner has written the batch, and not yet moved the mark."""
    zombie, owner = Owner(store, PURCHASES), Owner(store, PURCHASES)
    await zombie.resume()
    await zombie.take(LOG, 100)
    late = await zombie.updater.fold(zombie.batch(LOG, 100, 200))
    await owner.resume()
    update = await owner.updater.fold(owner.batch(LOG, 100, 250))
    await owner.updater.write(owner.footing, update)
    before = await everything(store)
    await zombie.updater.write(zombie.footing, late)
    assert await everything(store) == before
    await owner.follow(LOG, 50)
    assert await everything(store) == (await expected())[0]


@pytest.mark.parametrize("how", ["emptied", "rolled back", "restarted"])
async def test_a_store_that_went_back_between_fold_and_write_takes_nothing(how: str) -> None:
    store = MemoryStore()
    owner = Owner(store, PURCHASES)
    await owner.resume()
    await owner.take(LOG, 100)
    earlier = dict(store.marks), {c: dict(s) for c, s in store.sections.items()}
    await owner.take(LOG, 200)
    update = await owner.updater.fold(owner.batch(LOG, 200, 300))
    if how == "emptied":
        store.marks, store.sections, store.profiles = {}, {}, {}
    elif how == "rolled back":
        store.marks, store.sections = earlier
    else:
        store.incarnation = "another"
    before = dict(store.marks), {c: dict(s) for c, s in store.sections.items()}
    with pytest.raises(StoreMovedError):
        await owner.updater.write(owner.footing, update)
    assert (store.marks, store.sections) == before
    await owner.follow(LOG, 100)
    assert await everything(store) == (await expected())[0]


class LossyStore(MemoryStore):
    """Every second write is stored, but its reply is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def write(self, partition: Partition, footing: Footing, writes: Any) -> list[Outcome]:
        outcomes = await super().write(partition, footing, writes)
        self.calls += 1
        if self.calls % 2:
            raise LostConnectionError("the reply was lost")
        return outcomes


async def test_lost_replies_need_no_care_but_to_try_again() -> None:
    store = LossyStore()
    owner = Owner(store, PURCHASES)
    await owner.resume()
    while owner.position < len(LOG):
        try:
            await owner.take(LOG, owner.position + 40)
        except LostConnectionError:
            continue
    assert await everything(store) == (await expected())[0]


class RestlessStore(MemoryStore):
    """Somebody else's section of the customer is always a step ahead."""

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        await super().write(partition, footing, [])
        return [Outcome.CONFLICT] * len(writes)


async def test_sections_that_never_rest_end_in_an_error_with_evidence() -> None:
    owner = Owner(RestlessStore(), PURCHASES)
    await owner.resume()
    with pytest.raises(WriteConflictError) as caught:
        await owner.take(LOG, 10)
    assert str(ROUNDS) in str(caught.value)


# other code, other lives of the topic


def _rewritten(section: bytes, **header: int) -> bytes:
    return Header.of(section)._replace(**header).pack() + section[HEADER_SIZE:]


@pytest.mark.parametrize("field", ["purchase/0", "browse/0"])
async def test_a_stored_section_of_other_code_is_refused(field: str) -> None:
    store = MemoryStore()
    await Owner(store, PURCHASES).follow(LOG, 100)
    section = store.sections["3"]["purchase/0"]
    store.sections["3"] |= {field: _rewritten(section, version=DEFAULT_FOLDING.version + 1)}
    owner = Owner(store, PURCHASES)
    await owner.resume()
    with pytest.raises(OtherCodeError):
        await owner.updater.fold(Batch(PURCHASES, EPOCH, [(999, LOG[0] | {"customer_id": "3"})]))


@pytest.mark.parametrize("kind", ["purchase", "browse"])
async def test_a_worker_with_another_half_life_stops_and_changes_nothing(kind: str) -> None:
    """Whether the section is the one to be folded into or another one of the customer."""
    store = MemoryStore()
    await Owner(store, Partition(kind, 0)).follow(random_log(kind, 100), 100)
    before = await everything(store)
    owner = Owner(store, PURCHASES, folding=Folding(7))
    await owner.resume()
    with pytest.raises(HalfLifeError, match="TASTE_HALF_LIFE_DAYS=30, and it is 7 here"):
        await owner.take(LOG + LOG[:50], len(LOG) + 50)
    assert await everything(store) == before


async def test_a_worker_with_another_half_life_does_not_begin_where_others_have_folded() -> None:
    """Else it would store whom it does not know yet, and no worker could go on with everybody."""
    store = MemoryStore()
    other = Owner(store, BROWSING, folding=Folding(7))
    await other.updater.agree()
    await Owner(store, PURCHASES).follow(LOG, 100)
    with pytest.raises(HalfLifeError):
        await other.updater.agree()
    await Owner(store, BROWSING).updater.agree()


async def test_the_half_life_decides_what_is_liked_most() -> None:
    """Three old purchases outweigh a new one for a year's half-life, and not for a week's."""
    bought = [("tea", 0)] * 3 + [("cups", 60)]
    log = [
        {"type": "purchase", "event_id": f"{place}", "customer_id": "c", "category": category}
        | {"ts": NOON_MS + day * DAY_MS}
        for place, (category, day) in enumerate(bought)
    ]
    favourites = {}
    for days in (7, 365):
        store = MemoryStore()
        await Owner(store, PURCHASES, folding=Folding(days)).follow(log, 2)
        favourites[days] = (await store.profile("c"))["top_category.1"]
    assert favourites == {7: "cups", 365: "tea"}


async def test_a_section_of_an_unknown_life_of_the_topic_is_refused() -> None:
    store = MemoryStore()
    owner = Owner(store, PURCHASES)
    await owner.resume()
    update = await owner.updater.fold(owner.batch(LOG, 0, 50))
    customer = update.changes[0].customer
    store.sections[customer] = {
        "purchase/0": _rewritten(update.changes[0].section, epoch=EPOCH + 7)
    }
    with pytest.raises(WriteRefusedError) as caught:
        await owner.updater.write(owner.footing, update)
    assert customer in str(caught.value)


async def test_records_of_a_recreated_topic_are_added_to_the_old_sections(store: Store) -> None:
    owner = Owner(store, PURCHASES)
    await owner.follow(LOG[:100], 50)
    counted = owner.counted
    footing = await store.advance(PURCHASES, owner.footing, Mark(EPOCH + 1, 0))
    fresh = [event | {"event_id": f"new{i}"} for i, event in enumerate(LOG[:100])]
    batch = Batch(PURCHASES, EPOCH + 1, list(enumerate(fresh)))
    update = await owner.updater.fold(batch)
    await owner.updater.write(footing, update)
    assert update.counted == 100
    events = [int(fields["events"]) for _, fields in (await everything(store)).values()]
    assert sum(events) == counted + 100


async def test_public_fields_equal_those_derived_from_all_sections(store: Store) -> None:
    await Owner(store, PURCHASES).follow(LOG, 40)
    await Owner(store, BROWSING).follow(random_log("browse", 300), 30)
    await Owner(store, Partition("purchase", 1)).follow(random_log("purchase", 100, seed=5), 30)
    for sections, fields in (await everything(store)).values():
        assert fields == derived(sections)
        assert {"orders", "views", "sessions"} <= fields.keys()


async def test_without_learning_profiles_are_the_same_and_nothing_is_asked() -> None:
    store = MemoryStore()
    owner = Owner(store, PURCHASES)
    owner.updater = ProfileUpdater(
        store, owner.cache, owner.deriver, event_share=0.5, learning_share=0.0
    )
    await owner.follow(LOG, 100)
    profiles, whole = await expected()
    assert await everything(store) == profiles
    assert whole.moments
    assert not owner.moments


async def test_a_share_of_the_customers_is_learnt_from_and_of_these_everything() -> None:
    _, whole = await expected()
    store = MemoryStore()
    owner = Owner(store, PURCHASES)
    owner.updater = ProfileUpdater(store, owner.cache, owner.deriver, learning_share=0.5)
    await owner.follow(LOG, 100)
    chosen = {each.customer for each in owner.moments}
    assert 0 < len(chosen) < len({each.customer for each in whole.moments})
    assert owner.moments == [each for each in whole.moments if each.customer in chosen]


async def test_sampled_events_are_asked_about_with_the_features_before_them() -> None:
    """A share of all, whatever the batches; the first event of a customer finds nothing."""
    found = []
    for size in (3, 5_000):
        store = MemoryStore()
        owner = Owner(store, PURCHASES)
        owner.updater = ProfileUpdater(store, owner.cache, owner.deriver, event_share=0.5)
        await owner.follow(LOG, size)
        found.append([each for each in owner.moments if each.kind == "event"])
    sampled, again = found
    assert sampled == again
    assert 0.3 < len(sampled) / owner.counted < 0.7
    first = {event["customer_id"]: offset for offset, event in reversed(list(enumerate(LOG)))}
    assert all(each.features[0] == 0 for each in sampled if first[each.customer] == each.offset)
