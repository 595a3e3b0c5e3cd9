"""Facts merge: associative, commutative, with an empty element; and folding is merging.

The laws hold within limits, which the strategies respect: no more distinct keys than a top keeps,
and, for sessions, events within one day (beyond it: test_sessions.py). Decayed weights agree but
for the units lost in rounding, two an event. They hold for any half-life of tastes.
"""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.errors import HalfLifeError, OtherCodeError
from profiles.sections.facts import Facts
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import HEADER_SIZE, KINDS, Header, Section
from profiles.sketches.decayed import HALF_LIFE_MS, DecayedTop

from .strategies import A_YEAR, ANY_TIME, DAY_MS, MANY, ON_EDGES, ONE_DAY, Event, kinds, logs

WIDTH = "sessions"  # the only facts whose law needs all events within a day
ROUNDING = 2 * 36  # units, of as many events as the longest logs hold


half_lives = st.sampled_from([1, 7, 30, 365, 3650]).map(DAY_MS.__mul__)


def folded(kind: str, log: list[Event], half_life: int = HALF_LIFE_MS) -> Facts:
    facts = KINDS[kind]()
    for event in log:
        facts.fold(event, half_life)
    return facts


def alike(a: Any, b: Any) -> bool:
    """Equal, floats to 1e-9 relative."""
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-290)  # below, floats lose digits
    if isinstance(a, list):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    return bool(a == b)


def close(a: DecayedTop, b: DecayedTop) -> bool:
    """Equal but for rounding; what weighs that little may have been forgotten."""
    keys = a.weights.keys() | b.weights.keys()
    apart = [abs(a.weights.get(key, 0) - b.weights.get(key, 0)) for key in keys]
    return a.landmark == b.landmark and max(apart, default=0) <= ROUNDING


def same(a: Facts, b: Facts, without: str = "") -> bool:
    packs = dict(zip(a.LAYOUT, zip(a.pack(), b.pack(), strict=True), strict=True))
    return all(
        close(getattr(a, name), getattr(b, name))
        if isinstance(getattr(a, name), DecayedTop)
        else alike(*packs[name])
        for name in a.LAYOUT
        if name != without
    )


three_logs = kinds.flatmap(
    lambda kind: st.tuples(st.just(kind), *[logs(kind, ONE_DAY, size=12)] * 3)
)
wide_logs = st.tuples(kinds, st.sampled_from([ANY_TIME, A_YEAR, ON_EDGES])).flatmap(
    lambda drawn: st.tuples(st.just(drawn[0]), *[logs(*drawn, size=12)] * 3)
)
shuffled = kinds.flatmap(
    lambda kind: logs(kind, ONE_DAY).flatmap(
        lambda log: st.tuples(st.just(kind), st.just(log), st.permutations(log))
    )
)


@given(three_logs, half_lives)
def test_merge_is_associative(drawn: tuple[str, Any, Any, Any], half_life: int) -> None:
    a, b, c = (folded(drawn[0], log, half_life) for log in drawn[1:])
    assert same(a.merged(b).merged(c), a.merged(b.merged(c)))


@given(wide_logs, half_lives)
def test_merge_is_associative_across_decades_but_for_sessions(
    drawn: tuple[str, Any, Any, Any], half_life: int
) -> None:
    a, b, c = (folded(drawn[0], log, half_life) for log in drawn[1:])
    assert same(a.merged(b).merged(c), a.merged(b.merged(c)), without=WIDTH)


@given(wide_logs, half_lives)
def test_merge_is_commutative_whatever_the_times(
    drawn: tuple[str, Any, Any, Any], half_life: int
) -> None:
    a, b, _ = (folded(drawn[0], log, half_life) for log in drawn[1:])
    assert same(a.merged(b), b.merged(a))


@given(wide_logs, half_lives)
def test_the_empty_log_is_neutral(drawn: tuple[str, Any, Any, Any], half_life: int) -> None:
    facts, empty = folded(drawn[0], drawn[1], half_life), folded(drawn[0], [], half_life)
    assert same(facts.merged(empty), facts)
    assert same(empty.merged(facts), facts)


@given(three_logs, half_lives)
def test_a_log_split_anywhere_merges_to_the_whole(
    drawn: tuple[str, Any, Any, Any], half_life: int
) -> None:
    kind, *parts = drawn
    a, b, c = (folded(kind, log, half_life) for log in parts)
    assert same(a.merged(b).merged(c), folded(kind, parts[0] + parts[1] + parts[2], half_life))


@given(wide_logs, half_lives)
def test_a_log_split_anywhere_merges_to_the_whole_across_decades(
    drawn: tuple[str, Any, Any, Any], half_life: int
) -> None:
    kind, *parts = drawn
    a, b, c = (folded(kind, log, half_life) for log in parts)
    assert same(
        a.merged(b).merged(c),
        folded(kind, parts[0] + parts[1] + parts[2], half_life),
        without=WIDTH,
    )


def counted(kind: str, log: list[Event]) -> Section:
    """Fold as a worker does: what is sent twice counts once."""
    section = Section.empty(kind)
    for event in log:
        if not section.is_duplicate(event["event_id"]):
            section.facts.fold(event)
    return section


def ids(log: list[Event]) -> set[str]:
    return {event["event_id"] for event in log}


@given(three_logs)
def test_of_what_is_sent_twice_only_that_across_the_cut_counts_twice(
    drawn: tuple[str, Any, Any, Any],
) -> None:
    """Two logs know nothing of each other; whatever is within one of them is counted once."""
    kind, one, two, more = drawn
    sent = one + two + one[:3] + more[:1] * 3
    apart = [event | {"event_id": f"other {event['event_id']}"} for event in two + two + more]
    left, right = counted(kind, sent), counted(kind, apart)
    whole = counted(kind, sent + apart)
    assert same(left.facts.merged(right.facts), whole.facts)
    assert left.duplicates + right.duplicates == whole.duplicates
    again = counted(kind, two + more)
    both = left.facts.merged(again.facts)
    twice = len(ids(sent) & ids(two + more))
    assert both.events == counted(kind, sent + two + more).facts.events + twice


def tops(facts: Facts) -> list[str]:
    return [name for name in facts.LAYOUT if isinstance(getattr(facts, name), DecayedTop)]


def without_limits(kind: str, log: list[Event], half_life: int) -> Facts:
    facts = KINDS[kind]()
    for name in tops(facts):
        getattr(facts, name).capacity = len(log) + 1
    for event in log:
        facts.fold(event, half_life)
    return facts


many_names = st.sampled_from(["purchase", "browse"]).flatmap(
    lambda kind: st.tuples(st.just(kind), *[logs(kind, A_YEAR, MANY, 70, least=40)] * 2)
)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))  # the logs have to be long
@given(many_names, half_lives)
def test_beyond_the_limits_tops_keep_their_bounds_and_all_else_is_exact(
    drawn: tuple[str, Any, Any], half_life: int
) -> None:
    kind, one, two = drawn
    merged = folded(kind, one, half_life).merged(folded(kind, two, half_life))
    true = without_limits(kind, one + two, half_life)
    rounding = 3 * len(one + two)
    packs = zip(merged.LAYOUT, merged.pack(), true.pack(), strict=True)
    exact = {name: alike(*pair) for name, *pair in packs if name not in tops(merged)}
    assert all(exact[name] for name in exact if name != WIDTH), exact
    for name in tops(merged):
        kept, whole = getattr(merged, name), getattr(true, name)
        total, true_total = sum(kept.weights.values()), sum(whole.weights.values())
        assert abs(total - true_total) <= rounding
        for key, weight in whole.weights.items():
            assert abs(kept.weights.get(key, 0) - weight) <= kept.error + rounding


@given(shuffled, half_lives)
def test_the_order_of_events_does_not_matter(drawn: tuple[str, Any, Any], half_life: int) -> None:
    kind, log, other = drawn
    assert same(folded(kind, log, half_life), folded(kind, other, half_life))


@given(wide_logs)
def test_merging_changes_neither_side(drawn: tuple[str, Any, Any, Any]) -> None:
    a, b, _ = (folded(drawn[0], log) for log in drawn[1:])
    before = Section(a).encode(Header(1, 1, 1)), Section(b).encode(Header(1, 1, 1))
    a.merged(b)
    assert (Section(a).encode(Header(1, 1, 1)), Section(b).encode(Header(1, 1, 1))) == before


@given(wide_logs)
def test_a_section_comes_back_from_its_bytes(drawn: tuple[str, Any, Any, Any]) -> None:
    kind, log, *_ = drawn
    section = counted(kind, log)
    header = Header(DEFAULT_FOLDING.version, 2**64 - 1, 2**40)
    encoded = section.encode(header)
    again = Section.decode(kind, encoded)
    assert Header.of(encoded) == header
    assert again.encode(header) == encoded
    assert again.window.pack() == section.window.pack()
    assert again.duplicates == section.duplicates


@given(wide_logs, half_lives)
def test_folding_goes_on_from_stored_bytes_as_if_it_had_not_stopped(
    drawn: tuple[str, Any, Any, Any], half_life: int
) -> None:
    kind, first, second, _ = drawn
    stored = KINDS[kind].unpack(folded(kind, first, half_life).pack())
    for event in second:
        stored.fold(event, half_life)
    assert stored.pack() == folded(kind, first + second, half_life).pack()


def test_sums_of_the_highest_prices_are_stored_exactly() -> None:
    """Two such lines exceed 64 bits; they must not stop a worker."""
    line = {"type": "purchase", "event_id": "1", "ts": 0, "price": 1e9, "quantity": 10**6}
    section = Section.empty("purchase")
    for _ in range(3):
        section.facts.fold(line)
    encoded = section.encode(Header(DEFAULT_FOLDING.version, 1, 0))
    assert Section.decode("purchase", encoded).facts.pack() == section.facts.pack()


def test_one_event_id_may_give_a_fact_two_types() -> None:
    """The same id in two partitions, once as a number and once as a band: any order, one answer."""
    event = {"type": "customer", "event_id": "1", "customer_id": "c", "ts": 0}
    one, two = (folded("customer", [event | {"age": age}]) for age in (34, "30-39"))
    assert same(one.merged(two), two.merged(one))
    assert same(one.merged(two), folded("customer", [event | {"age": a} for a in ("30-39", 34)]))


@pytest.mark.parametrize(
    "stored", [b"", b"short", Header(DEFAULT_FOLDING.version + 1, 0, 0).pack()]
)
def test_bytes_of_other_code_are_not_taken_for_another_half_life(stored: bytes) -> None:
    with pytest.raises(OtherCodeError) as caught:
        Section.decode("purchase", stored)
    assert caught.value.evidence["header"] == stored[:HEADER_SIZE].hex()


@given(st.integers(1, 3650), st.integers(1, 3650))
def test_sections_are_read_with_the_half_life_that_they_were_folded_with(a: int, b: int) -> None:
    stored = Section.empty("browse").encode(Header(Folding(a).version, 1, 0))
    if a == b:
        assert Section.decode("browse", stored, Folding(b)).facts.events == 0
        return
    with pytest.raises(HalfLifeError) as caught:
        Section.decode("browse", stored, Folding(b))
    message = caught.value.message
    assert f"PORTRAIT_TASTE_HALF_LIFE_DAYS={a}, and it is {b} here" in message


def test_what_models_see_of_browsing_does_not_depend_on_the_half_life_of_tastes() -> None:
    log = [
        {"type": "browse", "ts": day * DAY_MS, "action": action, "brand": "b"}
        for day, action in enumerate(["view", "cart_add", "search", "view"] * 9)
    ]
    usual, short = (folded("browse", log, days * DAY_MS) for days in (30, 2))
    assert usual.activity.pack() == short.activity.pack()  # type: ignore[attr-defined]  # browse
    assert usual.brands.pack() != short.brands.pack()  # type: ignore[attr-defined]  # browse
