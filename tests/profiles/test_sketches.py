"""Packed sets, the duplicate window and decayed tops: exact within their limits, bounded beyond."""

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.sections.monoids import DAYS, ORDERS
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import Section
from profiles.sketches import packed
from profiles.sketches.decayed import HALF_LIFE_MS, DecayedTop, heaviest
from profiles.sketches.packed import MAX_DAYS, MAX_ORDERS, estimate_distinct
from profiles.sketches.window import WINDOW
from profiles.traits.value import order_count

from .strategies import A_YEAR, ANY_TIME, DAY_MS, NOON_MS


def purchases(days: list[int], orders: list[str] | None = None) -> PurchaseFacts:
    facts = PurchaseFacts()
    for place, day in enumerate(days):
        order = orders[place] if orders else str(place)
        facts.fold({"type": "purchase", "event_id": order, "ts": day * DAY_MS, "quantity": 1})
    return facts


# orders


def test_orders_are_exact_below_the_limit_and_lines_of_one_order_count_once() -> None:
    ids = [str(i % (MAX_ORDERS - 1)) for i in range(1000)]
    assert order_count(purchases([0] * 1000, ids)) == MAX_ORDERS - 1


@pytest.mark.parametrize("n", [300, 1000, 20_000])
def test_orders_beyond_the_limit_are_estimated_within_four_standard_errors(n: int) -> None:
    estimate = order_count(purchases([0] * n))
    assert abs(estimate / n - 1) <= 4 / math.sqrt(MAX_ORDERS - 2)


def test_the_kept_orders_do_not_depend_on_order_or_splitting() -> None:
    ids = [str(i) for i in range(1000)]
    whole = purchases([0] * 1000, ids).orders
    other = ids.copy()
    Random(1).shuffle(other)
    assert purchases([0] * 1000, other).orders.pack() == whole.pack()
    a, b, c = (purchases([0] * 500, other[i : i + 500]).orders for i in (0, 250, 500))
    merges = ORDERS.merge(ORDERS.merge(a, b), c), ORDERS.merge(a, ORDERS.merge(c, b))
    assert [merged.pack() for merged in merges] == [whole.pack()] * 2
    assert estimate_distinct(whole.keys) == order_count(purchases([0] * 1000, ids))


def test_a_line_of_an_order_that_is_no_longer_kept_begins_no_order() -> None:
    facts = purchases([0] * 1000)
    line = {"type": "purchase", "ts": 0, "quantity": 1}
    assert not any(facts.fold(line | {"event_id": str(i)}) for i in range(1000))


# days


@given(st.lists(st.integers(48, 47_482), max_size=60))
def test_purchase_days_are_a_sorted_set_whatever_the_order(days: list[int]) -> None:
    assert purchases(days).days.numbers() == sorted(set(days))


def test_only_the_newest_days_are_kept_in_any_order() -> None:
    days = list(range(1000, 1500))
    newest = purchases(days).days.numbers()
    assert newest == days[-MAX_DAYS:]
    assert purchases(days[::-1]).days.numbers() == newest
    halves = DAYS.merge(purchases(days[:300]).days, purchases(days[200:]).days)
    assert halves.numbers() == newest


@given(st.sets(st.binary(min_size=3, max_size=3)), st.binary(min_size=3, max_size=3))
def test_contains_finds_whole_items_only(items: set[bytes], wanted: bytes) -> None:
    assert packed.contains(b"".join(sorted(items)), wanted) == (wanted in items)


# the duplicate window


def test_a_duplicate_within_the_window_is_dropped_and_counted() -> None:
    section = Section.empty("purchase")
    assert not any(section.is_duplicate(str(i)) for i in range(WINDOW))
    assert all(section.is_duplicate(str(i)) for i in range(WINDOW))
    assert section.duplicates == WINDOW


def test_a_duplicate_beyond_the_window_counts_again() -> None:
    """The documented limit: the window holds the newest 256 ids."""
    section = Section.empty("purchase")
    for i in range(WINDOW + 1):
        section.is_duplicate(str(i))
    assert not section.is_duplicate("0")
    assert section.is_duplicate("2")


# decayed tops

adds = st.lists(
    st.tuples(st.sampled_from("abcdefghij"), A_YEAR, st.sampled_from([1.0, 0.5, 3.0])), max_size=40
)
AS_OF = NOON_MS + 365 * DAY_MS


def counted(log: list[tuple[str, int, float]], capacity: int) -> DecayedTop:
    top = DecayedTop(capacity)
    for key, ts, amount in log:
        top.add(key, ts, amount)
    return top


def naive(log: list[tuple[str, int, float]], as_of: int) -> dict[str, float]:
    weights: dict[str, float] = {}
    for key, ts, amount in log:
        weights[key] = weights.get(key, 0.0) + amount * 0.5 ** ((as_of - ts) / HALF_LIFE_MS)
    return weights


@given(adds)
def test_weights_within_the_capacity_equal_naive_decay(log: list[tuple[str, int, float]]) -> None:
    shown = dict(counted(log, capacity=10).top(10, AS_OF))
    assert shown == pytest.approx(naive(log, AS_OF), rel=1e-9)


@given(adds, adds, adds)
def test_weights_beyond_the_capacity_keep_their_bound_through_folds_and_merges(
    one: list[tuple[str, int, float]],
    two: list[tuple[str, int, float]],
    three: list[tuple[str, int, float]],
) -> None:
    top = counted(one, capacity=4).merged(counted(two, capacity=4))
    for key, ts, amount in three:
        top.add(key, ts, amount)
    assert len(top.weights) <= 4
    shown = dict(top.top(4, AS_OF))
    error = top.bound(AS_OF)
    for key, true in naive(one + two + three, AS_OF).items():
        if key in shown:
            assert true * (1 - 1e-9) <= shown[key] <= (true + error) * (1 + 1e-9)
        else:
            assert true <= error * (1 + 1e-9)


@given(st.lists(st.tuples(st.sampled_from("abc"), ANY_TIME), min_size=1))
def test_the_landmark_follows_the_newest_event_across_decades(log: list[tuple[str, int]]) -> None:
    forwards, backwards = DecayedTop(8), DecayedTop(8)
    for key, ts in log:
        forwards.add(key, ts)
    for key, ts in reversed(log):
        backwards.add(key, ts)
    newest = max(ts for _, ts in log)
    assert forwards.landmark == backwards.landmark == math.floor(newest / HALF_LIFE_MS)
    shown, again = forwards.top(3, newest), backwards.top(3, newest)
    assert [weight for _, weight in shown] == pytest.approx([w for _, w in again], rel=1e-9)
    assert all(0 <= weight <= len(log) * (1 + 1e-9) for _, weight in shown)
    assert shown[0][1] > 0.99


def test_the_whole_span_of_accepted_times_neither_overflows_nor_loses_the_newest() -> None:
    top = DecayedTop(2)
    for key, ts in (("old", 4_102_444_801), ("new", 4_102_444_799_999), ("old", 4_102_444_801)):
        top.add(key, ts)
    assert top.top(2, 4_102_444_799_999) == [("new", 1.0), ("old", 0.0)]


def test_ranks_do_not_depend_on_the_order_in_which_floats_were_added() -> None:
    """Two items always bought together tie; noise in the last digit must not decide."""
    times = [NOON_MS + day * DAY_MS for day in (0, 3, 11, 17, 29)]
    rankings = set()
    for seed in range(50):
        log = [(key, ts, 1.0) for ts in times for key in ("tea", "cup", "pot")]
        Random(seed).shuffle(log)
        rankings.add(tuple(key for key, _ in counted(log, 8).top(3, AS_OF)))
    assert rankings == {("cup", "pot", "tea")}


@given(st.dictionaries(st.text(max_size=2), st.sampled_from([0.0, 1.0, 1.0 + 1e-15, 2.0])))
def test_the_heaviest_are_sorted_by_weight_then_key(weights: dict[str, float]) -> None:
    found = heaviest(weights, 5)
    assert len(found) == min(5, len(weights))
    assert found == sorted(found, key=lambda kv: (-round(kv[1]), kv[0]))
    assert all(a[0] != b[0] for a, b in pairwise(found))
