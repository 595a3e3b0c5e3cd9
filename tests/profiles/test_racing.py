"""Two topics that race at every await, crash anywhere, and still leave profiles that are right."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.changes import Moment
from profiles.errors import StoreMovedError
from profiles.store import Mark, Outcome, Store

from .owners import (
    BROWSING,
    EPOCH,
    PURCHASES,
    Owner,
    Turn,
    TurningStore,
    derived,
    finish,
    random_log,
    step,
)
from .strategies import Event

BOUGHT = random_log("purchase", 12, seed=3, customers=2)
LOOKED = random_log("browse", 12, seed=4, customers=2)

turns = st.lists(st.sampled_from("pbPB"), max_size=120)
"""Whose turn it is: purchases or browsing; a capital crashes that worker first."""


def expected() -> dict[str, Any]:
    store = TurningStore()
    finish(Owner(store, PURCHASES).follow(BOUGHT, 3))
    finish(Owner(store, BROWSING).follow(LOOKED, 3))
    return store.sections


SECTIONS = expected()


def race(schedule: list[str], size: int) -> TurningStore:
    """Interleave both workers as told, then let each of them come to its end."""
    store = TurningStore()
    logs = {"p": (PURCHASES, BOUGHT), "b": (BROWSING, LOOKED)}
    running = {name: Owner(store, part).follow(log, size) for name, (part, log) in logs.items()}
    for turn in schedule:
        name = turn.lower()
        if turn.isupper():
            running[name].close()
            partition, log = logs[name]
            running[name] = Owner(store, partition).follow(log, size)
        step(running[name])
    for coroutine in running.values():
        finish(coroutine)
    return store


def check(store: TurningStore) -> None:
    assert store.sections == SECTIONS
    assert not store.stale
    assert store.profiles == {c: derived(sections) for c, sections in store.sections.items()}


@given(turns, st.sampled_from([1, 5, 12]))
def test_racing_and_crashing_topics_end_with_fields_of_all_sections(
    schedule: list[str], size: int
) -> None:
    check(race(schedule, size))


def test_a_crash_between_section_and_refresh_is_mended_by_whoever_reads_the_batch_again() -> None:
    """The crash is put after every number of steps of a race that leaves public fields stale."""
    stale = 0
    for steps in range(1, 40):
        store = TurningStore()
        browsing = Owner(store, BROWSING).follow(LOOKED, 12)
        for _ in range(3):  # loaded and folded; its write is on the way
            step(browsing)
        finish(Owner(store, PURCHASES).follow(BOUGHT, 12))
        alive = all(step(browsing) for _ in range(steps))
        stale += bool(store.stale)
        browsing.close()
        finish(Owner(store, BROWSING).follow(LOOKED, 12))
        check(store)
        if not alive:
            break
    assert stale
    assert store.outcomes >= {Outcome.SECTION_ONLY, Outcome.STORED}


def test_two_workers_of_one_cache_race_as_well() -> None:
    """Partitions of one process share a cache; whose reply comes last must not matter."""
    for ahead in range(1, 12):
        store = TurningStore()
        one, two = Owner(store, PURCHASES), Owner(store, BROWSING)
        two.updater = one.updater
        running = [one.follow(BOUGHT, 4), two.follow(LOOKED, 4)]
        for _ in range(ahead):
            step(running[0])
        for coroutine in running * 100:
            step(coroutine)
        assert not any(map(step, running))
        check(store)


async def test_topics_racing_on_any_store_end_with_fields_of_all_sections(store: Store) -> None:
    await asyncio.gather(
        Owner(store, PURCHASES).follow(BOUGHT, 1), Owner(store, BROWSING).follow(LOOKED, 1)
    )
    found = {customer: state async for customer, state in store.scan()}
    assert {customer: state.sections for customer, state in found.items()} == SECTIONS
    for customer, state in found.items():
        assert not state.stale
        assert await store.profile(customer) == derived(state.sections)


class Lane(Owner):
    """A lane of a worker: it confirms before it lets moments go, and resumes when told to."""

    async def take(self, log: Sequence[Event], end: int, overlap: int = 0) -> None:
        update = await self.updater.fold(self.batch(log, self.position, end))
        await Turn()
        if await self.store.footing(self.partition) != self.footing:
            await self.resume()
            return
        self.moments += update.moments
        try:
            self.footing = await self.updater.write(self.footing, update, Mark(EPOCH, end))
        except StoreMovedError:
            await self.resume()
        else:
            self.position = end


def asked(moments: Iterable[Moment]) -> set[tuple[int, str]]:
    return {(moment.offset, moment.kind) for moment in moments}


ALONE = Lane(TurningStore(), PURCHASES)
finish(ALONE.follow(BOUGHT, 3))
ASKED = asked(ALONE.moments)


@settings(max_examples=300)
@given(st.lists(st.sampled_from("pbz"), min_size=20, max_size=200), st.sampled_from([1, 3]))
def test_nobody_asks_what_a_section_older_than_the_position_suggests(
    schedule: list[str], size: int
) -> None:
    """Purchases and browsing share a cache; another worker takes purchases too, as zombies do."""
    store = TurningStore()
    lanes = {"p": Lane(store, PURCHASES), "b": Lane(store, BROWSING), "z": Lane(store, PURCHASES)}
    lanes["b"].updater = lanes["p"].updater
    logs = {"p": BOUGHT, "b": LOOKED, "z": BOUGHT}
    running = {name: lane.follow(logs[name], size) for name, lane in lanes.items()}
    for name in schedule:
        step(running[name])
    for coroutine in running.values():
        finish(coroutine)
    check(store)
    assert asked(lanes["p"].moments) | asked(lanes["z"].moments) == ASKED
