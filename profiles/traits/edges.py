"""Where the fifths of a population end: what RFM scores are read from."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

SCORES = 5
"""Scores go from 1 to 5, a fifth of the population each."""


class RfmEdges(NamedTuple):
    """Four ascending edges for each of recency (days), frequency (orders), monetary (revenue).

    They are the population's quantiles at 1/5, 2/5, 3/5 and 4/5 of the public fields
    `recency_days`, `orders` and `revenue` (base currency units; absent counts as 0), among
    customers who have bought. `version` counts computations, `at` is the event time (ms) of this
    one. `_asdict()` is ready for JSON, `RfmEdges(**loaded)` reads it.
    """

    recency: Sequence[float]
    frequency: Sequence[float]
    monetary: Sequence[float]
    version: int
    at: int


def score(value: float, edges: Sequence[float]) -> int:
    """Return 1..5: one more than the number of edges strictly below `value`.

    Equal values get equal scores, those of the lowest fifth that they reach into; so where six
    customers of ten have ordered once, nobody scores 2 or 3 for frequency. Without ties these are
    exact fifths, closed on the right (as `pandas.qcut`).

    >>> [score(orders, (1, 1, 1, 2)) for orders in (1, 2, 3)], score(2, (1, 2, 3, 4))
    ([1, 4, 5], 2)
    """
    return 1 + bisect_left(edges, value)


def recency_score(days: float, edges: Sequence[float]) -> int:
    """Return 1..5, 5 for those who bought last: fewer days are better.

    >>> recency_score(0, (3, 30, 90, 200)), recency_score(365, (3, 30, 90, 200))
    (5, 1)
    """
    return SCORES + 1 - score(days, edges)
