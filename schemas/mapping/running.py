"""Statistics of the values seen so far, in bounded memory; the same rows always give the same."""

from bisect import insort
from collections import Counter
from collections.abc import Hashable, Sequence
from math import sqrt
from random import Random
from typing import Any, Final, NamedTuple

SAMPLE: Final = 2_048
"""Values kept for quantiles: exact up to so many, then off by some 1 % in rank (one sigma)."""

MOST_WORDS: Final = 1_024
"""Different values counted for the mode; those that come later are not."""

_Z_OF_MAD: Final = 0.6745  # the median absolute deviation of a standard normal variable


class Moments:
    """Count, mean and variance (Welford, 1962), least and greatest.

    >>> moments = Moments()
    >>> for value in (2.0, 4.0, 6.0):
    ...     moments.add(value)
    >>> moments.mean, moments.sd, moments.greatest
    (4.0, 2.0, 6.0)
    """

    __slots__ = ("_squares", "count", "greatest", "least", "mean")

    def __init__(self) -> None:
        self.count = 0
        self.mean = self._squares = 0.0
        self.least = self.greatest = 0.0

    def add(self, value: float) -> None:
        """Take in one value."""
        self.count += 1
        self.least = value if self.count == 1 else min(self.least, value)
        self.greatest = value if self.count == 1 else max(self.greatest, value)
        off = value - self.mean
        self.mean += off / self.count
        self._squares += off * (value - self.mean)

    def typical(self) -> float:
        """The mean."""
        return self.mean

    @property
    def sd(self) -> float:
        """The sample's standard deviation; 0 for fewer than two values."""
        return sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0


class Limits(NamedTuple):
    """The least and the greatest value that are not far out."""

    low: float
    high: float


class Sample:
    """A uniform sample of the values (Vitter's algorithm R, 1985), and what it says of them.

    >>> sample = Sample()
    >>> for value in range(1, 8):
    ...     sample.add(value)
    >>> sample.typical(), sample.fence(1.5), sample.robust_limits(3.5)  # doctest: +ELLIPSIS
    (4, Limits(low=-4.0, high=12.0), Limits(low=-6.37..., high=14.37...))
    """

    __slots__ = ("_kept", "_rng", "count")

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[float] = []  # in order, so that every quantile is there to be read
        self._rng = Random(0)  # noqa: S311 - a sample is no secret

    def add(self, value: float) -> None:
        """Take in one value."""
        self.count += 1
        if self.count > SAMPLE:
            place = int(self._rng.random() * self.count)
            if place >= SAMPLE:
                return
            del self._kept[place]
        insort(self._kept, value)

    def typical(self) -> float:
        """The median; there must have been a value."""
        kept = self._kept
        return _middle(kept[(len(kept) - 1) // 2], kept[len(kept) // 2])

    def fence(self, times: float) -> Limits | None:
        """Tukey's fences (1977): `times` the quartiles' distance beyond them; None if it is 0."""
        low, high = _quartile(self._kept, 1), _quartile(self._kept, 3)
        reach = times * (high - low)
        return Limits(low - reach, high + reach) if reach else None

    def robust_limits(self, z: float) -> Limits | None:
        """Where the robust z-score is `z` (Iglewicz and Hoaglin, 1993); None if the MAD is 0."""
        kept, middle = self._kept, self.typical()
        half = (len(kept) + 1) // 2
        mad = _middle(_distance(kept, middle, half), _distance(kept, middle, len(kept) // 2 + 1))
        reach = z * mad / _Z_OF_MAD
        return Limits(middle - reach, middle + reach) if reach else None


def _middle(low: float, high: float) -> float:
    return low if low == high else (low + high) / 2


def _quartile(ordered: Sequence[float], number: int) -> float:
    """The first, second or third quartile of two values or more, as `statistics.quantiles` has it.

    >>> _quartile([1, 2, 3, 4, 5, 6, 7], 1), _quartile([1, 2], 3)
    (2.0, 2.25)
    """
    place, quarters = divmod(number * (len(ordered) + 1), 4)
    low = max(1, min(place, len(ordered) - 1))
    quarters += 4 * (place - low)
    return (ordered[low - 1] * (4 - quarters) + ordered[low] * quarters) / 4


def _distance(ordered: Sequence[float], middle: float, rank: int) -> float:
    """How far off the value is that is, of all, the `rank`-th nearest to `middle`, from 1.

    >>> [_distance([1, 2, 4, 8], 3, rank) for rank in (1, 2, 3, 4)]
    [1, 1, 2, 5]
    """
    first, last = 0, len(ordered) - rank  # the nearest ones stand side by side: where they begin
    while first < last:
        tried = (first + last) // 2
        if middle - ordered[tried] > ordered[tried + rank] - middle:
            first = tried + 1
        else:
            last = tried
    return max(middle - ordered[first], ordered[first + rank - 1] - middle)


class Mode:
    """The most frequent value; of several, the one seen first.

    >>> mode = Mode()
    >>> for word in ("a", "b", "b"):
    ...     mode.add(word)
    >>> mode.typical()
    'b'
    """

    __slots__ = ("_counts", "count")

    def __init__(self) -> None:
        self.count = 0
        self._counts: Counter[Any] = Counter()

    def add(self, value: Hashable) -> None:
        """Take in one value."""
        self.count += 1
        if value in self._counts or len(self._counts) < MOST_WORDS:
            self._counts[value] += 1

    def typical(self) -> Any:
        """The mode; there must have been a value."""
        return self._counts.most_common(1)[0][0]
