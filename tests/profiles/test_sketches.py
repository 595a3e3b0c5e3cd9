"""Packed sets, the duplicate window and decayed tops: exact within their limits, bounded beyond."""

import math
from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiles.sections.monoids import DAYS, ORDERS
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import Section
from profiles.sketches import packed, quantiles, visits
from profiles.sketches.decayed import HALF_LIFE_MS, ONCE, TIE, UNIT, DecayedTop, heaviest, summed
from profiles.sketches.packed import MAX_DAYS, MAX_ORDERS, estimate_distinct
from profiles.sketches.quantiles import ACCURACY, MAX_BUCKETS
from profiles.sketches.tally import Tally
from profiles.sketches.visits import Visits
from profiles.sketches.window import id_hash
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


ALWAYS, MOST = PurchaseFacts.IDS


def section_of(days: list[float]) -> Section:
    """Return a section of purchases "0", "1", ... on these days."""
    section = Section.empty("purchase")
    for i, day in enumerate(days):
        assert not section.is_duplicate(str(i))
        event = {"type": "purchase", "event_id": str(i), "ts": NOON_MS + int(day * DAY_MS)}
        section.facts.fold(event)
    return section


def test_a_duplicate_within_the_window_is_dropped_and_counted() -> None:
    section = section_of([0] * MOST)
    assert all(section.is_duplicate(str(i)) for i in range(MOST))
    assert section.duplicates == MOST


def test_a_duplicate_beyond_the_window_counts_again() -> None:
    """The documented limit: the window holds the newest 256 ids."""
    section = section_of([0] * (MOST + 1))
    assert not section.is_duplicate("0")
    assert section.is_duplicate("2")


def test_a_few_ids_are_known_for_ever_and_the_others_for_a_week() -> None:
    section = section_of([i / 4 for i in range(400)])  # a hundred days
    known = [i for i in range(400) if section.window.knows(id_hash(str(i)))]
    assert known == list(range(known[0], 400))
    assert ALWAYS <= len(known) <= ALWAYS + 4 * 7 + 1
    silent = section_of([0] * MOST + [7, 14.1])
    assert len(silent.window) >= ALWAYS
    assert len(section_of([0] * MOST + [7, 7]).window) == MOST


def test_late_events_are_protected_like_others() -> None:
    section = section_of([30, *[0] * (MOST - 1)])
    assert all(section.is_duplicate(str(i)) for i in range(MOST))


# decayed tops

adds = st.lists(st.tuples(st.sampled_from("abcdefghij"), A_YEAR), max_size=40)


def counted(log: list[tuple[str, int]], capacity: int) -> DecayedTop:
    top = DecayedTop(capacity)
    for key, ts in log:
        top.add(key, ts)
    return top


def units(log: list[tuple[str, int]], landmark: int) -> dict[str, float]:
    """Return what the events of each key weigh at the landmark, without rounding."""
    weights: dict[str, float] = {}
    for key, ts in log:
        weights[key] = weights.get(key, 0.0) + UNIT * 2.0 ** (ts / HALF_LIFE_MS - landmark)
    return weights


@given(adds)
def test_weights_within_the_capacity_lose_less_than_two_units_an_event(
    log: list[tuple[str, int]],
) -> None:
    """One when an event is weighed, one for all the half-lives that pass."""
    top = counted(log, capacity=10)
    for key, true in units(log, top.landmark).items():
        assert true - 2 * len(log) - 1e-6 * true <= top.weights.get(key, 0) <= true * (1 + 1e-9)


@given(adds)
def test_weights_beyond_the_capacity_keep_their_bound(log: list[tuple[str, int]]) -> None:
    top = counted(log, capacity=4)
    assert len(top.weights) <= 4
    rounding = 3 * len(log)
    for key, true in units(log, top.landmark).items():
        kept = top.weights.get(key)
        if kept is not None:
            assert true - rounding <= kept <= true + top.error + rounding
        else:
            assert true <= top.error + rounding


keys = st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=40)


@given(keys, keys, st.sampled_from([1, 5]))
@example(list("aaaaaaaaabcd"), list("efgh"), 1)
def test_shares_of_a_sum_are_off_by_no_more_than_its_error(
    one: list[str], two: list[str], factor: int
) -> None:
    """However the keys of the two sides differ: nothing of a side's whole weight is lost."""
    tops = DecayedTop(4), DecayedTop(4)
    for top, log in zip(tops, (one, two), strict=True):
        for key in log:
            top.gain(key, ONCE)
    sum_of_both = summed(*tops, factor)
    true, total = Counter(one + factor * two), len(one) + factor * len(two)
    assert sum(sum_of_both.weights.values()) == total
    for key, weight in true.items():
        assert abs(sum_of_both.weights.get(key, 0) - weight) <= sum_of_both.error


@given(adds, adds)
def test_a_sum_that_is_read_holds_all_keys_of_both_tops(
    one: list[tuple[str, int]], two: list[tuple[str, int]]
) -> None:
    whole = summed(counted(one, 10), counted(two, 10), 5)
    expected = units(one + 5 * two, whole.landmark)
    shown = {key: whole.weights.get(key, 0) for key in expected}
    assert shown == pytest.approx(expected, abs=1 + 11 * len(one + two))


@given(adds, adds, st.integers(0, 40))
def test_what_weighs_nothing_beside_newer_events_is_in_no_sum(
    old: list[tuple[str, int]], new: list[tuple[str, int]], half_lives: int
) -> None:
    later = [(key, ts + half_lives * HALF_LIFE_MS) for key, ts in new]
    tops = counted(old, 10), counted(later, 10)
    for sum_of_both in (summed(*tops, 5), summed(*reversed(tops), 5)):
        assert all(sum_of_both.weights.values())


@given(st.lists(st.tuples(st.sampled_from("abc"), ANY_TIME), min_size=1))
def test_the_landmark_follows_the_newest_event_across_decades(log: list[tuple[str, int]]) -> None:
    forwards, backwards = counted(log, 8), counted(log[::-1], 8)
    newest = max(ts for _, ts in log)
    assert forwards.landmark == backwards.landmark == newest // HALF_LIFE_MS
    for key in "abc":
        difference = forwards.weights.get(key, 0) - backwards.weights.get(key, 0)
        assert abs(difference) <= len(log)
    shown = [units * forwards.scale(newest) for units in forwards.weights.values()]
    assert all(0 < weight <= len(log) * (1 + 1e-9) for weight in shown)
    assert max(shown) > 0.99


def test_the_whole_span_of_accepted_times_neither_overflows_nor_loses_the_newest() -> None:
    top = DecayedTop(2)
    for key, ts in (("old", 4_102_444_801), ("new", 4_102_444_799_999), ("old", 4_102_444_801)):
        top.add(key, ts)
    assert list(top.weights) == ["new"]
    assert top.weights["new"] * top.scale(4_102_444_799_999) == pytest.approx(1.0)


def test_ranks_do_not_depend_on_the_order_in_which_events_came() -> None:
    """Two items always bought together tie; units lost in rounding must not decide."""
    times = [NOON_MS + day * DAY_MS for day in (0, 3, 11, 17, 29)]
    rankings = set()
    for seed in range(50):
        log = [(key, ts) for ts in times for key in ("tea", "cup", "pot")]
        Random(seed).shuffle(log)
        rankings.add(tuple(heaviest(counted(log, 8).weights, 3)))
    assert rankings == {("cup", "pot", "tea")}


@given(st.dictionaries(st.text(max_size=2), st.sampled_from([1, 1000, 1000 + TIE, 2000])))
def test_the_heaviest_are_sorted_by_weight_then_key(weights: dict[str, int]) -> None:
    found = heaviest(weights, 5)
    assert len(found) == min(5, len(weights))
    assert found == sorted(weights, key=lambda key: (-round(weights[key], -3), key))[:5]


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_without_decay_weights_are_exact_counts(keys: list[str]) -> None:
    top = DecayedTop(4)
    for key in keys:
        top.gain(key, ONCE)
    assert top.weights == Counter(keys)
    assert DecayedTop.unpack(top.pack(), 4).weights == top.weights


# prices

prices = st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60)


def priced(values: list[float]) -> Tally:
    sketch: Tally = {}
    for value in values:
        quantiles.count(sketch, value)
    return sketch


@given(
    st.lists(st.floats(1, 100), min_size=1, max_size=200), st.sampled_from([0, 0.1, 0.5, 0.9, 1])
)
def test_quantiles_are_the_least_values_that_so_many_do_not_exceed_within_five_percent(
    values: list[float], q: float
) -> None:
    true = np.quantile(values, q, method="inverted_cdf")
    (found,) = quantiles.quantiles(priced(values), q)
    assert found == pytest.approx(true, rel=ACCURACY * (1 + 1e-9))


@given(prices, prices, prices)
def test_however_far_prices_lie_apart_their_sketches_stay_bounded_and_merge(
    one: list[float], two: list[float], three: list[float]
) -> None:
    a, b, c = priced(one), priced(two), priced(three)
    whole = quantiles.merged(quantiles.merged(a, b), c)
    assert whole == quantiles.merged(a, quantiles.merged(c, b)) == priced(three + one + two)
    assert len(whole) <= MAX_BUCKETS
    assert sum(whole.values()) == len(one + two + three)
    highest = max(one + two + three)
    assert quantiles.quantiles(whole, 1)[0] == pytest.approx(highest, rel=ACCURACY * (1 + 1e-9))


# visits

moments = st.tuples(st.integers(18_000, 18_200), st.booleans())


def noted(log: list[tuple[int, bool]]) -> Visits:
    days: Visits = []
    for day, cart in log:
        days = visits.visited(days, day * DAY_MS, cart=cart)
    return days


@given(st.lists(moments, max_size=30), st.sets(st.integers(17_990, 18_210)), st.integers(0, 3))
def test_shares_of_visits_and_carts_followed_by_a_purchase_equal_a_naive_count(
    log: list[tuple[int, bool]], bought: set[int], later: int
) -> None:
    newest = max([day for day, _ in log], default=0)
    today = newest + later
    for place, kept in enumerate(({day for day, _ in log}, {day for day, cart in log if cart})):
        recent = [day for day in kept if day > newest - visits.DAYS]
        followed = [day for day in recent if {day, day + 1} & bought]
        over = [day for day in recent if day in followed or day + 1 < today]
        share = len(followed) / len(over) if over else None
        if log:
            shares = visits.shares_followed(noted(log), sorted(bought), today)
            assert shares[place] == (None if share is None else pytest.approx(share))


@given(st.lists(moments), st.lists(moments), st.lists(moments))
def test_days_of_visits_merge_in_any_order(
    one: list[tuple[int, bool]], two: list[tuple[int, bool]], three: list[tuple[int, bool]]
) -> None:
    a, b, c = noted(one), noted(two), noted(three)
    whole = visits.merged(visits.merged(a, b), c)
    assert whole == visits.merged(visits.merged(c, b), a) == noted(three + two + one)
