"""On a cluster, masters that go back one by one and slots that move lose and double nothing."""

from dataclasses import fields, replace

import pytest

from .cluster import Cluster, Faults, Rules
from .explorer import explore

WORLDS = {
    "one goes back": Cluster(1, 3, Faults(crash=1, save=1, rollback=2)),
    "zombie": Cluster(2, 2, Faults(save=1, rollback=1)),
    "slots move": Cluster(1, 3, Faults(save=1, rollback=1, move=1)),
    "slots move under two": Cluster(2, 2, Faults(rollback=1, move=1)),
}
LEFT_OUT = [
    ("resumes_at_the_lowest", "one goes back"),
    ("no_mark_goes_back", "one goes back"),
    ("chunk_compares_its_master", "one goes back"),
    ("layout_is_compared", "slots move"),
    ("marks_without_customers_are_read", "slots move"),
]


@pytest.mark.parametrize("name", WORLDS)
def test_every_record_counts_once_on_every_master(name: str) -> None:
    explored = explore(WORLDS[name])
    assert explored.counterexample is None, f"\n{explored.counterexample}"
    assert explored.at_rest > 0


@pytest.mark.parametrize(("left_out", "name"), LEFT_OUT)
def test_a_rule_of_the_cluster_left_out_loses_or_repeats_something(
    left_out: str, name: str
) -> None:
    world = replace(WORLDS[name], rules=replace(Rules(), **{left_out: False}))
    assert explore(world).counterexample is not None


def test_every_switch_is_left_out_once() -> None:
    assert {left_out for left_out, _ in LEFT_OUT} == {field.name for field in fields(Rules)}
