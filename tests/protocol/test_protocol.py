"""The write protocol holds whatever goes wrong, and no part of its rules can be left out."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from .explorer import explore
from .model import Rules, Worker
from .world import Faults, Shop

PURCHASES, BROWSING, NEXT_VERSION = Worker(0), Worker(1), Worker(0, version=2)
ONE, TWO, RACING = (PURCHASES,), (PURCHASES, PURCHASES), (PURCHASES, BROWSING)

# A batch that sends dead letters only, which are the same whatever the section, is not confirmed.
LETTERS = Rules(onward_is_confirmed=False)

# Two workers of one topic: either may be the zombie, for its steps may come arbitrarily late.
WORLDS = {
    "crash": Shop(ONE, (3, 0), Faults(crash=2, swallow=1, fail=1)),
    "rollback": Shop(ONE, (3, 0), Faults(crash=1, save=1, rollback=1)),
    "zombie": Shop(TWO, (3, 0), Faults(crash=1)),
    "zombie and rollback": Shop(TWO, (2, 0), Faults(crash=1, save=1, rollback=1)),
    "racing": Shop(RACING, (2, 1), Faults(crash=1, swallow=1, fail=1)),
    "racing and rollback": Shop(RACING, (2, 1), Faults(crash=1, save=1, rollback=1)),
    "racing and zombie": Shop((*TWO, BROWSING), (2, 1), Faults()),
    "one cache for two topics": Shop((*RACING, PURCHASES), (2, 1), Faults(), mates=(0, 1)),
    "recreated": Shop(TWO, (2, 0), Faults(crash=1, fail=1, recreate=1)),
    "truncated": Shop(ONE, (3, 0), Faults(crash=1, save=1, rollback=1, truncate=1)),
    "truncated and zombie": Shop(TWO, (3, 0), Faults(truncate=1)),
    "stopping": Shop(TWO, (2, 0), Faults(crash=1, recreate=1, truncate=1), stops=True),
    "upgraded": Shop((PURCHASES, NEXT_VERSION), (2, 0), Faults()),
    "emptied": Shop(ONE, (3, 0), Faults(empty=1)),
    "emptied, letters only": Shop(ONE, (3, 0), Faults(empty=1), LETTERS, tells=False),
    "recreated, letters only": Shop(
        TWO, (2, 0), Faults(crash=1, fail=1, recreate=1), LETTERS, tells=False
    ),
}

# rule of docs/protocol.md, what is left out of it, the world that shows why it is needed
LEFT_OUT = [
    (1, "position_is_compared", "crash"),
    (1, "idle_worker_compares", "crash"),
    (2, "seen_records_are_skipped", "crash"),
    (2, "stale_is_refreshed", "racing"),
    (3, "base_is_compared", "zombie"),
    (3, "siblings_are_compared", "racing"),
    (3, "first_write_is_in_full", "racing"),
    (3, "fold_version_is_compared", "upgraded"),
    (4, "cache_waits_for_stored", "crash"),
    (4, "late_answers_are_not_cached", "one cache for two topics"),
    (5, "resumes_at_the_mark", "crash"),
    (5, "mark_is_compared_and_set", "rollback"),
    (5, "mark_waits_for_stored", "racing"),
    (6, "onward_before_inward", "crash"),
    (6, "onward_in_order", "crash"),
    (6, "onward_is_confirmed", "rollback"),
    (6, "receiver_skips", "crash"),
    (7, "incarnation_is_compared", "rollback"),
    (7, "chunk_compares_mark", "emptied, letters only"),
    (7, "chunk_compares_mark", "recreated, letters only"),
    (7, "idle_worker_compares", "rollback"),
    (7, "gaps_are_counted", "truncated"),
    (8, "epochs", "recreated"),
    (8, "ids_carry_epochs", "recreated"),
]


@pytest.mark.parametrize("name", WORLDS)
def test_every_record_counts_once_whatever_goes_wrong(name: str) -> None:
    explored = explore(WORLDS[name])
    assert explored.counterexample is None, f"\n{explored.counterexample}"
    assert explored.at_rest > 0


@pytest.mark.parametrize(("rule", "left_out", "name"), LEFT_OUT)
def test_a_rule_left_out_loses_or_repeats_something(rule: int, left_out: str, name: str) -> None:
    world = WORLDS[name]
    world = replace(world, rules=replace(world.rules, **{left_out: False}))
    counterexample = explore(world).counterexample
    print(f"rule {rule} without {left_out}, {name}: {counterexample}")
    assert counterexample is not None


def test_every_switch_and_every_rule_is_left_out_once() -> None:
    assert {left_out for _, left_out, _ in LEFT_OUT} == {field.name for field in fields(Rules)}
    assert {rule for rule, _, _ in LEFT_OUT} == set(range(1, 9))


def test_every_answer_of_the_script_occurs() -> None:
    """Else the worlds would hold for want of trouble."""
    names = ("racing", "racing and zombie", "zombie and rollback", "upgraded")
    labels = {label for name in names for label in explore(WORLDS[name]).labels}
    answers = {label.split(": ")[1] for label in labels if ": " in label}
    written = {"stored", "stored_section_only"}
    assert answers == written | {"contained", "conflict", "moved", "refused"}


class Clock:
    """A world that never rests, to test the explorer with."""

    def start(self) -> int:
        return 0

    def worker_steps(self, state: int) -> Iterator[tuple[str, int]]:
        yield "ticks", (state + 1) % 12

    def environment_steps(self, state: int) -> Iterator[tuple[str, int]]:
        yield from ()

    def broken(self, state: int) -> str | None:
        return None

    def broken_at_rest(self, state: int) -> str | None:
        return None


def test_workers_that_never_rest_are_found() -> None:
    counterexample = explore(Clock()).counterexample
    assert counterexample is not None
    assert "never" in counterexample.problem
