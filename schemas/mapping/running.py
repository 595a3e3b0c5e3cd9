"""Statistics of the values seen so far, in bounded memory; the same rows always give the same."""

from collections import Counter
from collections.abc import Hashable
from math import sqrt
from random import Random
from statistics import median, quantiles
from typing import Any, Final, NamedTuple

SAMPLE: Final = 2_048
"""Values kept for quantiles: exact up to so many, then off by some 1 % in rank (one sigma)."""

MOST_WORDS: Final = 1_024
"""Different values counted for the mode; those that come later are not."""

_GROWTH: Final = 1.05  # quantiles are renewed when there are so many times more values
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

    __slots__ = ("_asked", "_kept", "_renew_at", "_rng", "count")

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[float] = []
        self._rng = Random(0)  # noqa: S311 - a sample is no secret
        self._asked: dict[Hashable, Any] = {}
        self._renew_at = 0

    def add(self, value: float) -> None:
        """Take in one value."""
        self.count += 1
        if self.count <= SAMPLE:
            self._kept.append(value)
        elif (place := int(self._rng.random() * self.count)) < SAMPLE:
            self._kept[place] = value

    def typical(self) -> float:
        """The median; there must have been a value."""
        found: float = self._remembered("median")
        return found

    def fence(self, times: float) -> Limits | None:
        """Tukey's fences (1977): `times` the quartiles' distance beyond them; None if it is 0."""
        low, _, high = self._remembered("quartiles")
        reach = times * (high - low)
        return Limits(low - reach, high + reach) if reach else None

    def robust_limits(self, z: float) -> Limits | None:
        """Where the robust z-score is `z` (Iglewicz and Hoaglin, 1993); None if the MAD is 0."""
        middle = self.typical()
        reach = z * self._remembered("mad") / _Z_OF_MAD
        return Limits(middle - reach, middle + reach) if reach else None

    def _remembered(self, name: str) -> Any:
        if self.count >= self._renew_at:
            self._asked.clear()
            self._renew_at = max(self.count + 1, int(self.count * _GROWTH))
        if name not in self._asked:
            self._asked[name] = self._compute(name)
        return self._asked[name]

    def _compute(self, name: str) -> Any:
        if name == "quartiles":
            return quantiles(self._kept, n=4)
        middle = median(self._kept)
        return middle if name == "median" else median(abs(each - middle) for each in self._kept)


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
