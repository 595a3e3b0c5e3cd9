"""Quantiles of positive figures from counts by logarithmic bucket.

DDSketch (Masson, Rim, Lee, VLDB 2019): bucket i counts values in (g ** (i - 1), g ** i], with
g = (1 + a) / (1 - a), so the middle of a bucket is within a relative error of a of every value in
it. Beyond `MAX_BUCKETS` the lowest buckets are counted together; which ones these are depends on
the values alone, so merging stays exact, associative and commutative.

A sketch is a plain dict, bucket to count.
"""

from bisect import bisect_left
from itertools import accumulate
from math import ceil, log

from profiles.sketches.tally import Tally, added

ACCURACY = 0.05
"""Relative error of a quantile."""

MAX_BUCKETS = 48
"""Buckets kept: a customer's highest figure may be 120 times the lowest that is told apart."""

GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GROWTH = log(GROWTH)


def count(sketch: Tally, value: float) -> None:
    """Count one value (> 0).

    >>> sketch = {}
    >>> count(sketch, 1.0); count(sketch, 1.02); sketch
    {0: 1, 1: 1}
    """
    bucket = ceil(log(value) / _LOG_GROWTH)
    sketch[bucket] = sketch.get(bucket, 0) + 1
    if len(sketch) > MAX_BUCKETS:
        _collapse(sketch)


def merged(a: Tally, b: Tally) -> Tally:
    """Return the sketch of both."""
    both = added(a, b)
    _collapse(both)
    return both


def quantiles(sketch: Tally, *shares: float) -> list[float]:
    """Return for each q (0 to 1) the least value that a share q do not exceed, within `ACCURACY`.

    >>> [round(value, 3) for value in quantiles({0: 1, 10: 1}, 0.5, 0.9)]
    [0.95, 2.585]
    """
    buckets = sorted(sketch)
    past = list(accumulate([sketch[bucket] for bucket in buckets]))
    places = [bisect_left(past, q * past[-1]) for q in shares]
    return [float(2 * GROWTH ** buckets[place] / (GROWTH + 1)) for place in places]


def _collapse(sketch: Tally) -> None:
    lowest = sorted(sketch)[: max(0, len(sketch) - MAX_BUCKETS)]
    if lowest:
        together = sum(sketch.pop(bucket) for bucket in lowest)
        sketch[min(sketch)] += together
