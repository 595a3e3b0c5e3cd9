"""What a customer likes, computed by hand."""

import pytest

from profiles.sections.purchase import TOP_CATEGORIES, TOP_PRODUCTS
from profiles.traits import Context
from profiles.view import View

from .owners import CATALOGUE
from .test_traits import MIDNIGHT_MS, bought, looked, profile, view

MONTH = 30 * 24 * 60  # minutes: a half-life


def test_tastes_decay_by_half_in_thirty_days_and_purchases_weigh_five() -> None:
    fields = profile(
        bought(0, category="tea", item_id="t1"),
        looked(MONTH, category="cups", item_id="c1"),
        looked(MONTH, category="tea", item_id="t2"),
        looked(MONTH, category="cups", item_id="c2"),
    )
    assert (fields["top_category.1"], fields["top_category.2"]) == ("tea", "cups")
    assert float(fields["top_category.share"]) == pytest.approx(3.5 / 5.5, rel=1e-3)
    assert [fields[f"top_item.{place}"] for place in (1, 2)] == ["t1", "c1"]


def test_shares_do_not_change_as_time_passes() -> None:
    some = [looked(0, category="tea"), looked(60, category="cups"), looked(90, category="tea")]
    now, later = profile(*some), profile(*some, looked(7 * MONTH))
    share = float(now["top_category.share"])
    assert share == pytest.approx(2 / 3, abs=1e-3)
    assert float(later["top_category.share"]) == pytest.approx(share, abs=1e-4)


def test_tastes_beyond_the_limit_carry_a_bound_of_their_error() -> None:
    items = [bought(item_id=f"item{i}", category="tea") for i in range(TOP_PRODUCTS)]
    assert "tastes.error" not in profile(*items)
    fields = profile(*items, bought(item_id="late", category="tea"))
    assert fields["top_item.1"] == "late"  # it has taken over the weight of another
    assert float(fields["tastes.error"]) == pytest.approx(1 / (TOP_PRODUCTS + 1), rel=1e-3)


def test_shares_of_several_partitions_are_within_the_bound_that_is_stated() -> None:
    """A topic that was given more partitions later has a customer's events in several of them."""
    names = [f"c{number}" for number in range(2 * TOP_CATEGORIES - 1)]
    first = [bought(category=each) for each in ["tea"] * 30 + names[: TOP_CATEGORIES - 1]]
    second = [bought(category=each) for each in names[TOP_CATEGORIES - 1 :]]
    parts = [view(*log).purchase for log in (first, second)]
    whole = View.of([(f"purchase/{place}", facts) for place, facts in enumerate(parts)])
    fields = CATALOGUE.derive(whole, Context(MIDNIGHT_MS, "GBP"))
    off = float(fields["top_category.share"]) - 30 / len(first + second)
    assert abs(off) <= float(fields.get("tastes.error", 0)) + 1e-4  # of its digits


def test_brands_of_looks_and_purchases_add_up() -> None:
    looks = [looked(0, brand="ACME") for _ in range(6)]
    fields = profile(*looks, bought(brand="Umbrella"), bought(brand="ACME"))
    assert fields["top_brand"] == "ACME"


@pytest.mark.parametrize(
    ("categories", "diversity"),
    [("abcd", "1"), ("aaab", "0.811278"), ("ab", "1"), ("aaa", None), ("", None)],
)
def test_diversity_is_the_evenness_of_categories(categories: str, diversity: str | None) -> None:
    fields = profile(*[looked(0, category=category) for category in categories], looked(0))
    found = fields.get("diversity")
    if diversity is None:
        assert found is None
    else:
        assert float(found or "") == pytest.approx(float(diversity), rel=1e-3)


def test_a_category_bought_decades_ago_is_no_favourite_beside_one_of_today() -> None:
    """Whether it was bought, or looked at, which is counted in one section with today's looks."""
    for long_ago in (bought(category="milk"), looked(category="milk")):
        fields = profile(long_ago, looked(24 * MONTH, category="tea"))
        assert fields["top_category.1"] == "tea"
        assert not {"top_category.2", "diversity"} & fields.keys()


def test_prices_are_those_of_lines_in_the_base_currency() -> None:
    lines = [bought(price=float(price)) for price in range(1, 101)]
    fields = profile(*lines, *[bought(price=9e6, currency="JPY")] * 200, bought(price=0.0))
    assert float(fields["price.p50"]) == pytest.approx(50, rel=0.05)
    assert float(fields["price.p90"]) == pytest.approx(90, rel=0.05)
    assert "price.p50" not in profile(bought(price=0.0), bought())


def test_nine_of_ten_lines_do_not_exceed_the_price_that_says_so_however_few_there_are() -> None:
    few = profile(bought(price=1.0), bought(price=100.0))
    assert [float(few[name]) for name in ("price.p50", "price.p90")] == pytest.approx(
        [1, 100], rel=0.051
    )
