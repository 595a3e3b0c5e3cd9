"""The figures of a population are those that pandas computes, and say what they are of."""

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.population.figures import decode, encode
from profiles.population.numbers import MAX_BINS, numbers_of
from profiles.population.summary import TOP_CATEGORIES, summarize
from profiles.traits import catalogue

CATALOGUE = catalogue()
Profiles = list[dict[str, str]]


def some_profiles(count: int = 500) -> Profiles:
    """Profiles with heavy tails, gaps, names, flags and times."""
    draw = Random(1)
    profiles = []
    for place in range(count):
        orders = int(draw.paretovariate(1.2))
        profile = {
            "orders": str(orders),
            "revenue": f"{orders * draw.lognormvariate(3, 0.5):.2f}",
            "last_seen": f"2011-12-{1 + place % 9:02}T12:00:00Z",
            "top_category.1": f"c{min(40, int(draw.expovariate(0.1)))}",
            "fact.city": draw.choice(["Leeds", "北京"]),
        }
        if place % 3 == 0:
            profile["rating.mean"] = f"{draw.uniform(1, 5):.4g}"
            profile["consent.ads"] = draw.choice(["true", "true", "false"])
        profiles.append(profile)
    return profiles


PROFILES = some_profiles()
POPULATION = summarize(PROFILES, CATALOGUE)


@pytest.mark.parametrize("field", ["orders", "revenue", "rating.mean"])
def test_figures_of_numbers_are_those_of_pandas(field: str) -> None:
    values = pd.Series([float(p[field]) for p in PROFILES if field in p])
    figures = POPULATION.figures[field]
    numbers = figures.numbers
    assert numbers is not None
    assert figures.n == len(values)
    assert figures.missing == pytest.approx(1 - len(values) / len(PROFILES))
    expected = {
        "mean": values.mean(), "min": values.min(), "max": values.max(), "variance": values.var(),
        "sd": values.std(), "skewness": values.skew(), "median": values.median(),
    }  # fmt: skip
    assert {name: getattr(numbers, name) for name in expected} == pytest.approx(expected)
    shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    assert list(numbers.quantiles.values()) == pytest.approx(values.quantile(shares).tolist())


def test_categories_are_counted_and_the_rare_ones_put_together() -> None:
    counts = pd.Series([p["top_category.1"] for p in PROFILES]).value_counts()
    categories = POPULATION.figures["top_category.1"].categories
    assert categories is not None
    assert categories.distinct == len(counts) > TOP_CATEGORIES == len(categories.counts)
    assert all(categories.counts[name] == counts[name] for name in categories.counts)
    assert list(categories.counts.values()) == counts.tolist()[:TOP_CATEGORIES]
    assert sum(categories.counts.values()) + categories.others == len(PROFILES)


def test_members_of_families_have_figures_of_their_own() -> None:
    city = POPULATION.figures["fact.city"]
    assert (city.trait, city.type, city.missing) == ("fact.<name>", "text", 0.0)
    ads = POPULATION.figures["consent.ads"]
    flags = [p["consent.ads"] == "true" for p in PROFILES if "consent.ads" in p]
    assert (ads.n, ads.share) == (len(flags), pytest.approx(sum(flags) / len(flags)))


def test_times_are_seconds_and_nearly_all_speak_of_one_moment() -> None:
    numbers = POPULATION.figures["last_seen"].numbers
    assert numbers is not None
    assert pd.Timestamp(numbers.max, unit="s") == pd.Timestamp("2011-12-09T12:00:00")
    assert pd.Timestamp(POPULATION.at, unit="ms") == pd.Timestamp("2011-12-09T12:00:00")


def test_a_time_in_the_future_does_not_move_the_moment() -> None:
    late = summarize([*PROFILES, {"last_seen": "2099-01-01T00:00:00Z"}], CATALOGUE)
    assert late.at == POPULATION.at


def test_correlations_are_those_of_pandas() -> None:
    fields = ["orders", "revenue", "rating.mean"]
    table = pd.DataFrame(PROFILES)[fields].astype(float)
    assert len(POPULATION.correlations) == 3
    for each in POPULATION.correlations:
        both = table[[each.a, each.b]].dropna()
        assert each.n == len(both)
        assert each.pearson == pytest.approx(both[each.a].corr(both[each.b]))
        ranks = table.rank()[[each.a, each.b]].dropna()  # ranks within each field
        assert each.spearman == pytest.approx(ranks[each.a].corr(ranks[each.b]))
    first = POPULATION.correlations[0]
    assert {first.a, first.b} == {"orders", "revenue"}
    assert POPULATION.correlations_of("rating.mean") == POPULATION.correlations[1:]


def test_what_has_no_spread_has_no_correlation_and_no_skewness() -> None:
    population = summarize([{"orders": "2", "items": "3"}] * 50, CATALOGUE)
    assert population.correlations == []
    numbers = population.figures["orders"].numbers
    assert numbers is not None
    assert (numbers.sd, numbers.skewness, numbers.histogram.counts) == (0.0, None, [50])


def test_what_cannot_be_read_counts_as_missing_and_is_counted() -> None:
    """Profiles may be of another version: nothing stops."""
    odd = [{"orders": "many", "last_seen": "soon", "consent.ads": "yes", "revenue": "nan"}]
    population = summarize([*odd, {"orders": "1", "not a trait": "1"}], CATALOGUE)
    assert population.unreadable == 4
    assert list(population.figures) == ["orders"]
    assert population.figures["orders"].missing == 0.5


def test_nobody_gives_an_empty_population() -> None:
    population = summarize([], CATALOGUE)
    assert (population.sampled, population.at, population.figures) == (0, 0, {})


def test_a_population_survives_its_json() -> None:
    assert decode(encode(POPULATION)) == POPULATION


numbers = st.one_of(
    st.integers(-50, 50).map(float),
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.floats(1e-6, 1e9),
    st.just(0.0),
)


@given(st.lists(numbers, min_size=1, max_size=60))
def test_every_value_is_in_one_of_at_most_twenty_bins(values: list[float]) -> None:
    found = numbers_of(np.array(values)).histogram
    assert sum(found.counts) == len(values)
    assert len(found.counts) <= MAX_BINS
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges == sorted(found.edges)
    assert found.edges[0] <= min(values) <= max(values) <= found.edges[-1]


def test_heavy_tails_have_logarithmic_bins_and_zeros_one_of_their_own() -> None:
    values = np.array([0.0] * 7 + [1.5**k for k in range(40)])
    found = numbers_of(values).histogram
    assert found.log
    assert found.counts[0] == 7
    ratios = np.diff(np.log(found.edges[1:]))
    assert ratios == pytest.approx([ratios[0]] * len(ratios))
