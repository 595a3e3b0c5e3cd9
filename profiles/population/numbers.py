"""Figures and histogram of one numeric field."""

from math import log2, sqrt

import numpy as np

from profiles.population.columns import Floats
from profiles.population.figures import Histogram, Numbers

QUANTILES = {"p1": 0.01, "p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
MAX_BINS = 20

HEAVY_TAIL = 10.0
"""Bins are logarithmic where the 99th percentile is that many times the median."""


def numbers_of(values: Floats) -> Numbers:
    """Return the figures of at least one finite value (n).

    >>> numbers_of(np.array([1.0, 2.0, 6.0])).quantiles["p50"]
    2.0
    """
    found = np.quantile(values, list(QUANTILES.values())).tolist()
    quantiles = dict(zip(QUANTILES, found, strict=True))
    variance = float(np.var(values, ddof=1)) if len(values) > 1 else None
    return Numbers(
        mean=float(np.mean(values)),
        quantiles=quantiles,
        min=float(values.min()),
        max=float(values.max()),
        variance=variance,
        sd=None if variance is None else sqrt(variance),
        skewness=skewness(values),
        histogram=histogram(values, quantiles),
    )


def skewness(values: Floats) -> float | None:
    """Return the adjusted Fisher-Pearson coefficient G1 (Joanes and Gill, 1998).

    None for fewer than three values, or where all are equal.

    >>> skewness(np.array([0.0, 0.0, 0.0, 0.0, 1.0])), skewness(np.array([3.0, 3.0, 3.0]))
    (2.23606797749979, None)
    """
    n = len(values)
    centred = values - np.mean(values)
    largest = np.max(np.abs(centred))
    if n < 3 or values.min() == values.max() or largest == 0:
        return None
    centred /= largest  # neither cubes nor squares may overflow or vanish
    moment = float(np.mean(centred**3) / np.mean(centred**2) ** 1.5)
    return moment * sqrt(n * (n - 1)) / (n - 2)


def histogram(values: Floats, quantiles: dict[str, float]) -> Histogram:
    """Return at most 20 bins: one a value, equally wide, or logarithmic for a heavy tail.

    >>> histogram(np.array([1.0, 1.0, 3.0]), {"p50": 1.0, "p99": 3.0})
    Histogram(edges=[1.0, 2.0, 3.0, 4.0], counts=[2, 0, 1], log=False)
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return Histogram([low, low], [len(values)], log=False)
    log = False
    if high - low < MAX_BINS and bool(np.all(values == np.rint(values))):
        edges = np.arange(low, high + 2)
    elif low >= 0 and quantiles["p99"] >= HEAVY_TAIL * quantiles["p50"] and _wide(values):
        log, edges = True, _log_edges(values)
    else:
        edges = np.linspace(low, high, _bins(len(values)) + 1)
    counts, _ = np.histogram(values, edges)
    return Histogram(edges.tolist(), counts.tolist(), log)


def _wide(values: Floats) -> bool:
    positive = values[values > 0]
    return bool(positive.max() >= HEAVY_TAIL * positive.min())


def _log_edges(values: Floats) -> Floats:
    """Let edges grow by a constant factor from the least positive value; zeros have a bin."""
    positive = values[values > 0]
    zeros = len(positive) < len(values)
    bins = _bins(len(values)) - zeros
    edges = np.geomspace(positive.min(), positive.max(), bins + 1)
    edges[0], edges[-1] = positive.min(), positive.max()  # not a rounding error off
    return np.concatenate(([0.0], edges)) if zeros else edges


def _bins(n: int) -> int:
    """Return Sturges' number of bins (1926), at least five, at most 20."""
    return min(MAX_BINS, max(5, int(log2(n)) + 1))
