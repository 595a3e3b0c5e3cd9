"""What is said of a customer's latest words stays with the profile, whatever else happens to it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.keyspace import Partition
from profiles.refresh import Refresher
from profiles.stores.memory import MemoryStore
from profiles.traits import Fields
from profiles.traits.text import time_text
from profiles.words import Words, latest_words, said_of

from .owners import PURCHASES, Owner, Turn, TurningStore, derived, finish, random_log, step
from .strategies import DAY_MS, NOON_MS, Event

REVIEWS = Partition("feedback", 0)
BOUGHT = random_log("purchase", 12, seed=3, customers=2)
WROTE: list[Event] = [
    {
        "type": "feedback", "event_id": f"r{place}", "customer_id": str(place % 2),
        "ts": NOON_MS + (place * 7 % 12) * DAY_MS, "text": f"words {place}",
    }
    for place in range(12)
]  # fmt: skip

turns = st.lists(st.sampled_from("pwPW"), max_size=120)
"""Whose turn it is: purchases or words; a capital crashes that worker first."""


def echo(words: Sequence[Words]) -> list[Fields]:
    """Say of words what they are."""
    return [{"review_at": time_text(each.at), "sentiment.score": each.text} for each in words]


def owner(store: MemoryStore, partition: Partition, cache_bytes: int = 1 << 20) -> Owner:
    made = Owner(store, partition, cache_bytes)
    made.deriver.of_words = echo
    return made


def latest(customer: str) -> Fields:
    wrote = [pair for pair in enumerate(WROTE) if pair[1]["customer_id"] == customer]
    words = latest_words(wrote)
    assert words is not None
    return echo([words])[0]


class Racing(TurningStore):
    async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        await Turn()
        return await super().load_profiles(customers)


@given(turns, st.sampled_from([1, 5, 12]), st.sampled_from([0, 1 << 20]))
def test_racing_and_crashing_topics_end_with_the_latest_words(
    schedule: list[str], size: int, cache_bytes: int
) -> None:
    store = Racing()
    logs = {"p": (PURCHASES, BOUGHT), "w": (REVIEWS, WROTE)}
    running = {
        name: owner(store, part, cache_bytes).follow(log, size)
        for name, (part, log) in logs.items()
    }
    for turn in schedule:
        name = turn.lower()
        if turn.isupper():
            running[name].close()
            partition, log = logs[name]
            running[name] = owner(store, partition, cache_bytes).follow(log, size)
        step(running[name])
    for coroutine in running.values():
        finish(coroutine)
    for customer, sections in store.sections.items():
        assert store.profiles[customer] == derived(sections) | latest(customer)


def test_words_are_not_lost_where_another_topic_mends_the_profile_first() -> None:
    """Sections are stored, public fields are not, and the other topic writes these meanwhile."""
    mended = 0
    for steps in range(1, 12):
        store = Racing()
        reader, buyer = owner(store, REVIEWS), owner(store, PURCHASES)
        running = reader.follow(WROTE, 12)
        for _ in range(3):  # loaded and folded; its write is on the way
            step(running)
        finish(buyer.follow(BOUGHT[:6], 6))
        for _ in range(steps):
            step(running)
        stale = bool(store.stale)
        finish(buyer.follow(BOUGHT, 6))
        mended += stale and not store.stale
        finish(running)
        assert {c: said_of(fields) for c, fields in store.profiles.items()} == {
            customer: latest(customer) for customer in "01"
        }
    assert mended


@pytest.mark.parametrize("cache_bytes", [0, 1 << 20])
async def test_other_events_and_refreshes_leave_what_was_said(cache_bytes: int) -> None:
    store = MemoryStore()
    await owner(store, REVIEWS).follow(WROTE, 5)
    buyer = owner(store, PURCHASES, cache_bytes)
    await buyer.follow(BOUGHT, 1)
    refresher = Refresher(
        store, buyer.cache, buyer.deriver, lambda field: (PURCHASES, buyer.footing)
    )
    assert await refresher.tick(NOON_MS + 100 * DAY_MS, 100) == 2
    assert {c: said_of(fields) for c, fields in store.profiles.items()} == {
        customer: latest(customer) for customer in "01"
    }


async def test_words_that_no_model_speaks_of_leave_what_was_said_before() -> None:
    store = MemoryStore()
    reader = owner(store, REVIEWS)
    await reader.resume()
    await reader.take(WROTE, 2)
    before = {customer: said_of(fields) for customer, fields in store.profiles.items()}
    reader.deriver.of_words = lambda words: [{} for _ in words]
    await reader.take(WROTE, 12)
    assert {customer: said_of(fields) for customer, fields in store.profiles.items()} == before
