"""Scores read from the edges of a frozen population are exact fifths."""

from random import Random

import pandas as pd
import pytest

from profiles.population.columns import Columns
from profiles.population.edges import rfm_edges
from profiles.traits import Catalogue
from profiles.traits.catalogue import Trait, TraitGroup, TraitType
from profiles.traits.edges import RfmEdges, recency_score, score
from profiles.traits.text import time_text

NOW_MS = 1_323_435_000_000
DAY_MS = 86_400_000
TYPES: dict[str, TraitType] = {
    "orders": "count", "revenue": "money", "recency_days": "ratio", "as_of": "time",
}  # fmt: skip
TRAITS = Catalogue(
    [
        TraitGroup(
            tuple(Trait(name, type_, "", "", "", ()) for name, type_ in TYPES.items()),
            lambda _view, _context: {},
        )
    ]
)
Profiles = list[dict[str, str]]


def some_buyers(count: int, refreshed: bool = True) -> Profiles:
    """Profiles as of one moment, or each as of a day of its own."""
    draw = Random(2)
    profiles = []
    for _ in range(count):
        silence = 0 if refreshed else draw.randrange(50)
        orders = int(draw.paretovariate(1.1))
        profiles.append(
            {
                "orders": str(orders),
                "revenue": f"{orders * draw.lognormvariate(3, 1):.2f}",
                "recency_days": str(draw.randrange(0, 370)),
                "as_of": time_text(NOW_MS - silence * DAY_MS),
            }
        )
    return profiles


def edges_of(profiles: Profiles) -> RfmEdges:
    columns = Columns(TRAITS)
    columns.add(profiles)
    edges = rfm_edges(columns)
    assert edges is not None
    return edges


def test_scores_are_exact_fifths() -> None:
    profiles = some_buyers(3000)
    edges = edges_of(profiles)
    table = pd.DataFrame(profiles)[["orders", "revenue", "recency_days"]].astype(float)
    for field, fifths in [("revenue", edges.monetary), ("recency_days", edges.recency)]:
        expected = pd.qcut(table[field], 5, labels=False) + 1
        assert [score(value, fifths) for value in table[field]] == expected.tolist()
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


def test_recency_is_brought_to_one_moment() -> None:
    """Profiles of customers who are silent speak of an earlier day."""
    late = [p | {"recency_days": "0", "as_of": time_text(NOW_MS)} for p in some_buyers(100)]
    profiles = some_buyers(1000, refreshed=False)
    found = edges_of([*profiles, *late])
    days = pd.Series(
        [
            float(p["recency_days"])
            + (NOW_MS - pd.Timestamp(p["as_of"]).timestamp() * 1000) / DAY_MS
            for p in [*profiles, *late]
        ]
    )
    assert list(found.recency) == pytest.approx(days.quantile([0.2, 0.4, 0.6, 0.8]).tolist())


def test_who_has_not_bought_is_not_compared() -> None:
    profiles = some_buyers(200)
    browsers: Profiles = [{"as_of": time_text(NOW_MS)}] * 300
    assert edges_of([*profiles, *browsers]) == edges_of(profiles)


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
    for field, fifths, sampled in [
        ("revenue", whole.monetary, sample.monetary),
        ("recency_days", whole.recency, sample.recency),
        ("orders", whole.frequency, sample.frequency),
    ]:
        values = [float(p[field]) for p in profiles]
        right = sum(score(v, fifths) == score(v, sampled) for v in values)
        assert right / customers >= 0.98, field
