"""Scores read from the edges of a frozen population are exact fifths."""

from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from profiles.population.columns import Columns
from profiles.population.edges import rfm_edges
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import Section
from profiles.stores.memory import MemoryStore
from profiles.traits import Context, catalogue
from profiles.traits.edges import RfmEdges, recency_score, score
from profiles.traits.text import time_text
from profiles.view import View
from tests.profiles.owners import PURCHASES, Owner

NOW_MS = 1_323_435_000_000
DAY_MS = 86_400_000
TRAITS = catalogue()
Profiles = list[dict[str, str]]


def some_buyers(count: int) -> Profiles:
    """Profiles with heavy tails and many equal values, each as of a day of its own."""
    draw = Random(2)
    profiles = []
    for _ in range(count):
        orders, silence, days = (
            int(draw.paretovariate(1.1)),
            draw.randrange(50),
            draw.randrange(320),
        )
        profile = {
            "orders": str(orders),
            "revenue": f"{orders * draw.lognormvariate(3, 1):.2f}",
            "last_purchase": time_text(NOW_MS - (silence + days) * DAY_MS),
            "as_of": time_text(NOW_MS - silence * DAY_MS),
        }
        profiles.append(profile)
    return profiles


def days_since_purchase(profiles: Profiles) -> pd.Series:
    bought = pd.to_datetime(pd.Series([p["last_purchase"] for p in profiles]))
    return (pd.Timestamp(NOW_MS, unit="ms", tz="UTC").floor("D") - bought.dt.floor("D")).dt.days


def edges_of(profiles: Profiles) -> RfmEdges:
    columns = Columns(TRAITS)
    columns.add(profiles)
    edges = rfm_edges(columns)
    assert edges is not None
    return edges


def test_scores_are_exact_fifths() -> None:
    profiles = some_buyers(3000)
    edges = edges_of(profiles)
    revenue = pd.Series([float(p["revenue"]) for p in profiles])
    for values, fifths in [
        (revenue, edges.monetary),
        (days_since_purchase(profiles), edges.recency),
    ]:
        expected = pd.qcut(values, 5, labels=False) + 1
        assert [score(value, fifths) for value in values] == expected.tolist()
    assert recency_score(0, edges.recency) == 5
    assert edges.at == NOW_MS


def test_equal_values_get_equal_scores() -> None:
    """More than two fifths have ordered once: all of them score 1, and nobody 2."""
    profiles = some_buyers(3000)
    edges = edges_of(profiles)
    orders = pd.Series([int(p["orders"]) for p in profiles])
    scores = orders.map(lambda value: score(value, edges.frequency))
    assert set(scores[orders == 1]) == {1}
    assert set(scores) == {1, 3, 4, 5}
    assert scores[orders.sort_values().index].is_monotonic_increasing


def test_who_has_not_bought_is_not_compared() -> None:
    profiles = some_buyers(200)
    browsers: Profiles = [{"as_of": time_text(NOW_MS)}] * 300
    assert edges_of([*profiles, *browsers]) == edges_of(profiles)


def test_scores_are_the_same_where_only_what_they_need_is_chosen() -> None:
    """Whoever chooses `rfm.r`, `orders` and `last_purchase` gets the scores of all traits."""
    views = []
    for day in range(100):
        facts = PurchaseFacts()
        ts = NOW_MS - day * DAY_MS
        facts.fold({"type": "purchase", "event_id": str(day), "ts": ts, "price": 1.0 + day})
        views.append(View.of([("purchase", facts)]))
    scores = []
    for traits in (TRAITS, catalogue(only=["rfm.r", "orders", "last_purchase"])):
        columns = Columns(traits)
        columns.add(traits.derive(view, Context(NOW_MS, "GBP")) for view in views)
        context = Context(NOW_MS, "GBP", rfm_edges(columns))
        fields = [traits.derive(view, context) for view in views]
        scores.append([[each[f"rfm.{name}"] for each in fields] for name in "rfm"])
    assert scores[0] == scores[1]
    assert [scores[0][0].count(str(score)) for score in range(1, 6)] == [20] * 5


def test_without_buyers_there_are_no_edges() -> None:
    columns = Columns(TRAITS)
    columns.add([{"as_of": time_text(NOW_MS)}])
    assert rfm_edges(columns) is None


def test_revenue_that_is_absent_counts_as_none() -> None:
    profiles = some_buyers(100)
    for profile in profiles[:50]:
        del profile["revenue"]
    assert edges_of(profiles).monetary[:2] == [0.0, 0.0]


def test_edges_of_a_sample_place_98_percent_right() -> None:
    customers = 20_000
    profiles = some_buyers(customers)
    whole, sample = edges_of(profiles), edges_of(profiles[::2])  # as few as a sample may be
    for values, fifths, sampled in [
        ([float(p["revenue"]) for p in profiles], whole.monetary, sample.monetary),
        ([int(p["orders"]) for p in profiles], whole.frequency, sample.frequency),
        (days_since_purchase(profiles).tolist(), whole.recency, sample.recency),
    ]:
        right = sum(score(v, fifths) == score(v, sampled) for v in values)
        assert right / customers >= 0.98


@pytest.fixture(scope="module")
def invoices(data: Path) -> pd.DataFrame:
    """Return the invoices of Online Retail, returns left out."""
    table = pd.read_parquet(data / "online_retail.parquet").dropna(subset=["CustomerID"])
    table = table[(table.Quantity > 0) & (table.UnitPrice >= 0)]
    table = table.assign(amount=(table.Quantity * table.UnitPrice).round(4))
    by = table.groupby(["CustomerID", "InvoiceNo"], as_index=False)
    return by.agg(at=("InvoiceDate", "max"), amount=("amount", "sum")).sort_values("at")


def refreshed(store: MemoryStore, edges: RfmEdges) -> dict[str, dict[str, str]]:
    """Derive every profile again as of the moment that the edges are of."""
    context = Context(edges.at, "GBP", edges)
    profiles = {}
    for customer, sections in store.sections.items():
        facts = [("purchase", Section.decode("purchase", each).facts) for each in sections.values()]
        profiles[customer] = TRAITS.derive(View.of(facts), context)
    return profiles


async def test_scores_of_a_frozen_population_converge(invoices: pd.DataFrame) -> None:
    """Online Retail: 98 % and more are in the fifth that pandas finds in the raw rows."""
    store = MemoryStore()
    log = [
        {
            "type": "purchase", "event_id": row.InvoiceNo, "order_id": row.InvoiceNo, "quantity": 1,
            "customer_id": str(int(row.CustomerID)), "ts": row.at.value // 10**6,
            "amount": row.amount,
        }
        for row in invoices.itertuples()
    ]  # fmt: skip
    await Owner(store, PURCHASES, cache_bytes=1 << 24).follow(log, 5_000)
    profiles = refreshed(store, edges_of(list(store.profiles.values())))
    edges = edges_of(list(profiles.values()))
    profiles = refreshed(store, edges)
    assert edges_of(list(profiles.values())) == edges  # nothing moves any more

    customers = invoices.groupby("CustomerID")
    now = pd.Timestamp(edges.at, unit="ms").floor("D")
    raw = {
        "rfm.r": -(now - customers["at"].max().dt.floor("D")).dt.days,
        "rfm.f": customers["InvoiceNo"].nunique(),
        "rfm.m": customers["amount"].sum(),
    }
    for field, values in raw.items():
        fifths = values.quantile([0.2, 0.4, 0.6, 0.8])
        side = "right" if field == "rfm.r" else "left"  # equal values score as the better recency
        expected = 1 + np.searchsorted(fifths, values, side=side)
        found = [int(profiles[str(int(customer))][field]) for customer in values.index]
        assert np.mean(found == expected) >= 0.98, field
