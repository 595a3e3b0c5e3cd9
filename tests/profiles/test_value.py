"""What a customer is worth, lately and against others, computed by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.sections.purchase import MONEY_SCALE, amount_of
from profiles.traits import Context, Fields
from profiles.traits.edges import RfmEdges, recency_score, score
from profiles.traits.tiers import DEFAULT_TIERS, TierRulesError, tiers_of
from profiles.view import View
from schemas.fields import MAX_NUMBER

from .owners import CATALOGUE
from .strategies import DAY_MS, Event
from .test_traits import MIDNIGHT_MS, bought, profile, view

HOUR_MS = 3_600_000


def profile_as_of(day: int, *events: Event, edges: RfmEdges | None = None) -> Fields:
    return CATALOGUE.derive(view(*events), Context(MIDNIGHT_MS + day * DAY_MS, "GBP", edges))


def test_the_largest_order_is_the_sum_of_its_lines_in_the_base_currency() -> None:
    fields = profile(
        bought(order_id="A", quantity=2, price=2.5),
        bought(order_id="B", price=9.0),
        bought(1, order_id="A", price=4.5),
        bought(order_id="C", price=99.0, currency="EUR"),
    )
    assert fields["largest_order"] == "9.50"
    assert "largest_order" not in profile(bought(order_id="A"))


def test_a_line_total_counts_and_not_price_times_quantity() -> None:
    fields = profile(bought(quantity=3, price=2.0, amount=5.0), bought(amount=1.25))
    assert (fields["revenue"], fields["largest_order"]) == ("6.25", "5.00")


@pytest.mark.parametrize("places", [0, 2, 4, 5, 6])
@given(data=st.data(), quantity=st.integers(1, 1_000_000))
def test_price_times_quantity_is_rounded_once(
    places: int, data: st.DataObject, quantity: int
) -> None:
    """Exact for prices no finer than a unit of 1e-4, else to a unit and the digits of a float."""
    price = data.draw(st.decimals(0, MAX_NUMBER, places=places))
    exact = price * quantity * MONEY_SCALE
    found = amount_of({"price": float(price), "quantity": quantity})
    allowed = 0 if places <= 4 else Decimal("0.5") + exact * Decimal("1e-15")
    assert found is not None and abs(found - exact) <= allowed


def test_discounts_and_coupons_are_shares_of_lines() -> None:
    fields = profile(
        bought(discount=1.5, coupon="c1"), bought(discount=0.25), bought(discount=0.0),
        bought(discount=2.0, currency="EUR"),
    )  # fmt: skip
    assert (fields["discount_share"], fields["coupon_share"]) == ("0.75", "0.25")
    assert {"discount_share", "coupon_share"}.isdisjoint(profile(bought()))


def test_the_return_rate_is_of_all_lines() -> None:
    returned = {"type": "return", "quantity": 1, "price": 2.0}
    fields = profile(bought(), bought(), bought(), returned)
    assert (fields["return_rate"], fields["refunds"]) == ("0.25", "2.00")


def test_gaps_are_between_purchase_days() -> None:
    fields = profile(bought(0), bought(0), bought(2), bought(6), bought(12), bought(24))
    assert (fields["gap_days.mean"], fields["gap_days.median"]) == ("6", "5")  # of 2, 4, 6, 12
    assert float(fields["gap_days.sd"]) == pytest.approx((56 / 3) ** 0.5, rel=1e-3)
    assert float(fields["regularity"]) == pytest.approx(1 / (1 + (56 / 3) ** 0.5 / 6), rel=1e-3)
    assert profile(bought(0), bought(7), bought(14))["regularity"] == "1"
    assert "gap_days.mean" not in profile(bought(0), bought(0))
    assert {"gap_days.sd", "gap_days.median", "regularity"}.isdisjoint(profile(bought(), bought(7)))


def test_windows_are_whole_days_and_fall_when_nothing_happens() -> None:
    events = [bought(day, price=float(day + 1)) for day in (0, 1, 100)]
    at_once = profile(*events)
    assert at_once["as_of"] == "2020-12-23T00:00:00Z"
    names = ("recency_days", "revenue_7d", "revenue_30d", "revenue_90d", "revenue_365d")
    assert [at_once.get(name) for name in names] == ["0", "101.00", "101.00", "101.00", "104.00"]

    def later(day: int) -> list[str | None]:
        fields = profile_as_of(day, *events)
        return [fields.get(name) for name in names]

    assert later(106) == ["6", "101.00", "101.00", "101.00", "104.00"]
    assert later(107) == ["7", None, "101.00", "101.00", "104.00"]
    assert later(190) == ["90", None, None, None, "104.00"]
    assert later(365) == ["265", None, None, None, "103.00"]
    assert later(465) == ["365", None, None, None, None]
    assert profile_as_of(465, *events)["revenue"] == "104.00"


def test_nothing_changes_within_a_day_but_the_moment_itself() -> None:
    events = [bought(day, price=1.0) for day in range(100)]
    midnight = CATALOGUE.derive(view(*events), Context(MIDNIGHT_MS + 105 * DAY_MS))
    evening = CATALOGUE.derive(view(*events), Context(MIDNIGHT_MS + 105 * DAY_MS + 23 * HOUR_MS))
    assert {name for name in midnight if midnight[name] != evening[name]} == {"as_of"}


@pytest.mark.parametrize(
    ("days", "as_of", "expected"),
    [((0,), 0, "1"), ((0,), 90, "-1"), ((0, 100), 100, "0"), ((0, 100, 101, 102), 102, "0.5")],
)
def test_the_trend_compares_ninety_days_with_the_ninety_before(
    days: tuple[int, ...], as_of: int, expected: str
) -> None:
    fields = profile_as_of(as_of, *[bought(day, price=10.0) for day in days])
    assert fields["revenue_trend"] == expected
    assert "revenue_trend" not in profile_as_of(as_of + 180, *[bought(d, price=1.0) for d in days])


EDGES = RfmEdges((1, 7, 30, 90), (1, 1, 2, 5), (10.0, 50.0, 100.0, 1000.0), version=3, at=0)


def test_scores_and_tier_are_those_against_the_population() -> None:
    fields = profile_as_of(8, bought(0, price=50.0), bought(1, price=50.01), edges=EDGES)
    found = [fields[f"rfm.{name}"] for name in ("r", "f", "m", "tier", "version")]
    assert found == ["4", "3", "4", "potential", "3"]
    silent = profile_as_of(92, bought(0, price=50.0), bought(1, price=50.01), edges=EDGES)
    assert (silent["rfm.r"], silent["rfm.tier"]) == ("1", "at_risk")


def test_nobody_is_scored_without_a_population_or_a_purchase() -> None:
    assert not any(name.startswith("rfm.") for name in profile(bought()))
    fields = profile_as_of(0, {"type": "return", "quantity": 1}, edges=EDGES)
    assert not any(name.startswith("rfm.") for name in fields)
    assert CATALOGUE.derive(View.of([]), Context(0, "GBP", EDGES)) == {}


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4).map(sorted), st.integers(0, 9))
def test_a_score_is_one_more_than_the_edges_below_it(edges: list[int], value: int) -> None:
    assert score(value, edges) == 1 + sum(edge < value for edge in edges)
    assert recency_score(value, edges) == 6 - score(value, edges)


@pytest.mark.parametrize(
    ("scores", "tier"),
    [
        ((5, 5, 5), "champion"), ((4, 4, 4), "champion"), ((5, 5, 3), "loyal"),
        ((3, 4, 5), "loyal"), ((5, 1, 5), "new"), ((4, 1, 1), "new"), ((3, 1, 1), "potential"),
        ((5, 3, 5), "potential"), ((2, 5, 5), "at_risk"), ((1, 3, 1), "at_risk"),
        ((1, 1, 4), "at_risk"), ((2, 2, 3), "hibernating"), ((1, 2, 3), "lost"),
    ],
)  # fmt: skip
def test_the_shipped_tiers_are_those_documented(scores: tuple[int, int, int], tier: str) -> None:
    assert tiers_of(DEFAULT_TIERS)[scores] == tier


@pytest.mark.parametrize("table", ["", "good r>=4", "Good", "good r>4", "good r>=6", "good x>=1"])
def test_a_table_that_leaves_scores_without_a_tier_is_refused(table: str) -> None:
    with pytest.raises(TierRulesError):
        tiers_of(table)
