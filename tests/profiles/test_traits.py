"""Every trait, computed by hand."""

import pytest

from profiles.features import features
from profiles.learning.features import NAMES as FEATURES
from profiles.sections.section import KINDS
from profiles.traits import Context, Fields, catalogue
from profiles.traits.catalogue import TraitError
from profiles.traits.value import per_order
from profiles.view import View
from schemas.topics import KIND_OF_TYPE

from .owners import derive
from .strategies import DAY_MS, NOON_MS, Event

MINUTE_MS = 60_000
MIDNIGHT_MS = 1_600_041_600_000  # 2020-09-14


def view(*events: Event) -> View:
    facts = {kind: make() for kind, make in KINDS.items()}
    for place, event in enumerate(events):
        whole = {"event_id": str(place), "customer_id": "c", "ts": MIDNIGHT_MS} | event
        facts[KIND_OF_TYPE[event["type"]]].fold(whole)
    return View.of(facts.items())


def profile(*events: Event) -> Fields:
    return derive(view(*events), "GBP")


def bought(day: int = 0, **more: object) -> Event:
    return {"type": "purchase", "quantity": 1, "ts": MIDNIGHT_MS + day * DAY_MS} | more


def looked(minute: int = 0, action: str = "view", **more: object) -> Event:
    ts = MIDNIGHT_MS + minute * MINUTE_MS
    return {"type": "browse", "action": action, "ts": ts} | more


def test_engagement_spans_all_topics() -> None:
    fields = profile(bought(3), looked(), {"type": "feedback", "text": "好", "ts": MIDNIGHT_MS - 1})
    assert fields["events"] == "3"
    assert fields["first_seen"] == "2020-09-13T23:59:59Z"
    assert fields["last_seen"] == "2020-09-17T00:00:00Z"


def test_lines_of_one_order_are_one_order() -> None:
    fields = profile(
        bought(order_id="A", quantity=2, price=2.55),
        bought(order_id="A", quantity=3, price=1.0),
        bought(1, order_id="B", quantity=1, price=0.1234),
        bought(2),
    )
    assert (fields["orders"], fields["lines"], fields["items"]) == ("3", "4", "7")
    assert fields["avg_order_value"] == "2.74"
    assert fields["first_purchase"] == "2020-09-14T00:00:00Z"
    assert fields["revenue"] == "8.2234"
    assert fields["last_purchase"] == "2020-09-16T00:00:00Z"


def test_other_currencies_stand_beside_the_base_currency() -> None:
    fields = profile(
        bought(price=1.0), bought(price=2.0, currency="GBP"), bought(price=5.5, currency="EUR"),
        {"type": "return", "quantity": 2, "price": 5.5, "currency": "EUR"},
    )  # fmt: skip
    assert (fields["revenue"], fields["revenue.EUR"]) == ("3.00", "5.50")
    assert "refunds" not in fields
    assert (fields["returns"], fields["returned_items"]) == ("1", "2")


def test_a_return_is_no_purchase() -> None:
    fields = profile({"type": "return", "quantity": 1, "order_id": "A"})
    assert {"orders", "lines", "revenue", "first_purchase"}.isdisjoint(fields)
    assert (fields["returns"], fields["return_rate"]) == ("1", "1")
    assert "refunds" not in fields  # nobody said what it had cost


@pytest.mark.parametrize(
    ("spent", "orders", "average"),
    [(5391_2100, 34, 158_5700), (100, 2, 100), (99, 2, 0), (0, 5, 0), (300_0000, 3, 100_0000)],
)
def test_the_average_is_rounded_half_up_to_cents(spent: int, orders: int, average: int) -> None:
    assert per_order(spent, orders) == average


def test_ratings_keep_their_scale() -> None:
    fields = profile(
        {"type": "feedback", "rating": 5.0, "ts": NOON_MS},
        {"type": "feedback", "rating": 4.0, "ts": NOON_MS - 1},
        {"type": "feedback", "text": "thanks"},
    )
    assert (fields["rating.n"], fields["rating.mean"]) == ("2", "4.5")
    assert "rating.n" not in profile({"type": "feedback", "text": "thanks"})


def test_the_latest_fact_by_event_time_stands() -> None:
    fields = profile(
        {"type": "customer", "city": "Bonn", "age": 34, "ts": NOON_MS},
        {"type": "customer", "city": "Rome", "income": 25_000.0, "ts": NOON_MS - 1},
        {"type": "customer", "interests": ["茶", "cups"], "consent": {"ads": True, "mail": False}},
        {"type": "customer", "consent": {"mail": True}, "ts": NOON_MS - 2},
    )
    known = {name: text for name, text in fields.items() if name.startswith(("fact", "consent"))}
    assert known == {
        "fact.city": "Bonn", "fact.age": "34", "fact.income": "25000",
        "fact.interests": "茶, cups",
        "consent.ads": "true", "consent.mail": "false",
    }  # fmt: skip


def test_the_features_of_a_customer_are_those_of_the_catalogue() -> None:
    events = [
        bought(0, order_id="A", item_id="x", price=10.0, quantity=4),
        bought(10, order_id="B", item_id="y", price=20.0, quantity=1),
        {"type": "return", "quantity": 1},
        looked(0), looked(0), looked(0, "cart_add"),
        {"type": "feedback", "rating": 4.5},
    ]  # fmt: skip
    found = dict(
        zip(FEATURES, features(view(*events), MIDNIGHT_MS + 40 * DAY_MS, "GBP"), strict=True)
    )
    decayed = {
        f"decayed_orders_{days}": 0.5 ** (40 / days) + 0.5 ** (30 / days) for days in (7, 30, 90)
    }
    views = 2 * 0.5 ** (40 / 30)
    assert found == pytest.approx(
        decayed
        | {
            "orders": 2.0, "revenue": 60.0, "items_per_order": 2.5, "distinct_items": 2.0,
            "last_gap_days": 10.0, "mean_gap_days": 10.0, "sd_gap_days": 0.0,
            "tenure_days": 40.0, "recency_days": 30.0, "returns_share": 1 / 3,
            "views_30": views, "cart_adds_30": views / 2, "mean_rating": 4.5,
            "silent_days": 30.0,
        },
        rel=1e-4,
    )  # fmt: skip


def test_traits_that_are_chosen_are_derived_with_their_groups_as_ever_and_no_others() -> None:
    bought_and_looked = view(bought(price=10.0, order_id="A"), looked(5))
    context = Context(MIDNIGHT_MS, "GBP")
    everything = catalogue().derive(bought_and_looked, context)
    chosen = catalogue(only=["revenue", "views"]).derive(bought_and_looked, context)
    assert {"revenue", "lines", "views"} <= chosen.keys() < everything.keys()
    assert chosen.items() <= everything.items()
    assert not {"first_seen", "recency_days", "habit.hour"} & chosen.keys()


def test_a_chosen_trait_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(TraitError, match="revenu'"):
        catalogue(only=["orders", "revenu"])
