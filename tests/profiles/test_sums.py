"""Sums in packed columns equal a plain dictionary, in any order, split anywhere, within a limit."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.sections.purchase import PurchaseFacts
from profiles.sketches.packed import MAX_DAYS, MAX_ORDERS, numbers
from profiles.sketches.sums import DaySums, OrderSums, PackedSums

from .strategies import DAY_MS


class FewDays(DaySums):
    LIMIT = 5


class FewOrders(OrderSums):
    KEY_WIDTH = 2
    LIMIT = 5


AMOUNTS = st.integers(0, 300) | st.integers(0, 2**90)
ADDED = st.lists(st.tuples(st.integers(0, 40), AMOUNTS), max_size=40)
KINDS = st.sampled_from([FewDays, FewOrders])
Added = list[tuple[int, int]]


def summed(kind: type[PackedSums], added: Added) -> PackedSums:
    sums = kind()
    for key, amount in added:
        sums.add(key.to_bytes(2), amount)
    return sums


def expected(kind: type[PackedSums], added: Added) -> dict[int, int]:
    totals: dict[int, int] = {}
    for key, amount in added:
        totals[key] = totals.get(key, 0) + amount
    kept = sorted(totals)[-5:] if kind.KEEPS_LARGEST else sorted(totals)[:5]
    return {key: totals[key] for key in kept}


def found(sums: PackedSums) -> dict[int, int]:
    return dict(zip(sums.numbers(), sums.values(), strict=True))


@given(KINDS, ADDED)
def test_what_is_kept_is_summed_from_the_first_event_on(
    kind: type[PackedSums], added: Added
) -> None:
    sums = summed(kind, added)
    assert found(sums) == expected(kind, added)
    assert all(a < b for a, b in pairwise(sums.numbers()))


@given(KINDS, ADDED, ADDED, ADDED)
def test_merging_is_folding_and_equal_sums_are_equal_bytes(
    kind: type[PackedSums], one: Added, two: Added, three: Added
) -> None:
    a, b, c = (summed(kind, added) for added in (one, two, three))
    whole = summed(kind, three + one + two).pack()
    assert a.merged(b).merged(c).pack() == a.merged(b.merged(c)).pack() == whole
    assert b.merged(a).pack() == a.merged(b).pack()
    assert kind.unpack(whole).pack() == whole


@given(KINDS, ADDED, st.integers(0, 40))
def test_a_key_is_new_when_it_is_kept_and_was_not_there(
    kind: type[PackedSums], added: Added, key: int
) -> None:
    sums = summed(kind, added)
    before = key in found(sums)
    assert sums.add(key.to_bytes(2), 1) == (key in found(sums) and not before)


def test_sums_are_as_wide_as_the_largest_that_is_kept() -> None:
    sums = summed(FewDays, [(day, 200) for day in range(5)])
    assert len(sums.sums) == 5
    sums.add((0).to_bytes(2), 2**40)
    assert len(sums.sums) == 5 * 6
    sums.add((9).to_bytes(2), 7)  # the wide one gives way
    assert (len(sums.sums), sums.values()) == (5, [200, 200, 200, 200, 7])


@given(st.integers(1, 9), st.lists(st.integers(0, 255), max_size=20))
def test_columns_of_any_width_are_unpacked(width: int, values: list[int]) -> None:
    assert numbers(b"".join(value.to_bytes(width) for value in values), width) == values


def bought(place: int, day: int, amount: float) -> dict[str, object]:
    event = {"type": "purchase", "event_id": str(place), "ts": day * DAY_MS}
    return event | {"amount": amount, "order_id": f"o{place // 2}"}


@pytest.mark.parametrize("orders", [MAX_ORDERS - 1, 4 * MAX_ORDERS])
def test_amounts_of_orders_and_days_are_exact_within_their_limits(orders: int) -> None:
    facts = PurchaseFacts()
    for place in range(2 * orders):
        facts.fold(bought(place, 10_000 + place // 4, place // 2))
    kept = sorted(facts.orders.values())
    assert len(kept) == min(orders, MAX_ORDERS)
    assert set(kept) <= {2 * order * 10_000 for order in range(orders)}  # both lines, or neither
    days = found(facts.days)
    newest = range(10_000 + orders // 2 - 1, max(10_000, 10_000 + orders // 2 - MAX_DAYS), -1)
    assert all(days[day] == 2 * 10_000 * (4 * (day - 10_000) + 1) for day in newest)
