"""How pairs of numeric fields go together: all pairs at once, over the customers who have both."""

from itertools import combinations
from math import isfinite

import numpy as np

from profiles.population.columns import Floats
from profiles.population.figures import Correlation

STRONGEST = 5
"""Pairs kept of each field."""

LEAST_PAIRS = 30
"""Customers who have both, below which a coefficient says little."""


def correlations(fields: list[str], values: Floats) -> list[Correlation]:
    """Return the five strongest correlations of each field, the strongest first.

    `values` (customers x fields) is NaN where a customer has no such field.
    """
    n, pearson = _coefficients(values)
    _, spearman = _coefficients(_ranks(values))
    found = [
        Correlation(fields[a], fields[b], int(n[a, b]), float(pearson[a, b]), float(spearman[a, b]))
        for a, b in combinations(range(len(fields)), 2)
        if n[a, b] >= LEAST_PAIRS and isfinite(pearson[a, b]) and isfinite(spearman[a, b])
    ]
    return _strongest(found)


def _coefficients(values: Floats) -> tuple[Floats, Floats]:
    """Return how many rows have both fields, and Pearson's coefficient, for all pairs of fields.

    Sums over the pairs are products of matrices in which what is missing is 0.
    """
    there = (~np.isnan(values)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):  # pairs without spread give NaN
        means = np.nansum(values, axis=0) / there.sum(axis=0)
        x = np.where(there > 0, values - means, 0.0)
        scale = np.sqrt((x**2).sum(axis=0))
        x = x / np.where(scale > 0, scale, 1.0)  # no sum may lose digits to a large unit
        n = there.T @ there
        sums, squares = x.T @ there, (x**2).T @ there
        covariance = n * (x.T @ x) - sums * sums.T
        spread = n * squares - sums**2
        spread[spread <= 1e-12 * n * squares] = np.nan
        return n, np.clip(covariance / np.sqrt(spread * spread.T), -1.0, 1.0)


def _ranks(values: Floats) -> Floats:
    """Replace every value by its rank within its column; equal ones share the mean rank."""
    ranks = np.full_like(values, np.nan)
    for column in range(values.shape[1]):
        there = ~np.isnan(values[:, column])
        _, place, counts = np.unique(values[there, column], return_inverse=True, return_counts=True)
        last = np.cumsum(counts)
        ranks[there, column] = (last - (counts - 1) / 2)[place]
    return ranks


def _strongest(found: list[Correlation]) -> list[Correlation]:
    """Keep a pair if it is among the strongest of either field."""
    found.sort(key=lambda each: -each.strength)
    seen: dict[str, int] = {}
    kept = []
    for each in found:
        if min(seen.get(each.a, 0), seen.get(each.b, 0)) < STRONGEST:
            kept.append(each)
        for field in (each.a, each.b):
            seen[field] = seen.get(field, 0) + 1
    return kept
