"""Top keys by forward-decayed weight.

Forward decay (Cormode, Shkapenyuk, Srivastava, Xu, ICDE 2009): an event at time t weighs
2 ** (t / half-life) for ever, and a weight "as of" some time is divided by 2 ** (as_of / half-life)
when it is read. So nothing has to be touched as time passes, late events weigh what they should,
and sums add up in any order. Weights are kept relative to a landmark, a whole number of half-lives,
which follows the newest event: moving it multiplies by a power of two, which is exact.

Beyond `capacity` distinct keys the smallest gives way and its weight goes to the newcomer
(Space-Saving: Metwally, Agrawal, El Abbadi, ICDT 2005); `error` then bounds by how much any weight
is overestimated. Summaries merge as in Agarwal et al. (PODS 2012): a key that one side has not kept
weighs at most that side's error there.
"""

from math import floor, ldexp
from operator import itemgetter

CLOSE = 1.0 - 1e-9
"""Weights this close rank as equal: else the order in which floats were added would decide."""

HALF_LIFE_MS = 30 * 86_400_000
"""Half-life of tastes: what was bought 30 days ago weighs half."""


class DecayedTop:
    """Weights of at most `capacity` keys; exact until the capacity is reached.

    >>> top = DecayedTop(capacity=8)
    >>> top.add("tea", 0); top.add("milk", HALF_LIFE_MS); top.add("tea", HALF_LIFE_MS)
    >>> top.top(2, as_of=HALF_LIFE_MS)
    [('tea', 1.5), ('milk', 1.0)]
    """

    __slots__ = ("capacity", "error", "landmark", "weights")

    def __init__(
        self,
        capacity: int,
        weights: dict[str, float] | None = None,
        landmark: int = 0,
        error: float = 0.0,
    ) -> None:
        self.capacity = capacity
        self.weights = {} if weights is None else weights
        self.landmark = landmark
        self.error = error

    def add(self, key: str, ts: int, amount: float = 1.0) -> None:
        """Add `amount` (> 0) for `key` at event time `ts` (ms)."""
        age = ts / HALF_LIFE_MS
        if age >= self.landmark + 1:
            self._move_landmark(floor(age))
        weight = amount * 2.0 ** (age - self.landmark)
        weights = self.weights
        known = weights.get(key)
        if known is not None:
            weights[key] = known + weight
        elif len(weights) < self.capacity:
            weights[key] = weight
        else:
            weights[key] = weight + self._evict()

    def top(self, n: int, as_of: int) -> list[tuple[str, float]]:
        """Return the `n` heaviest keys, see `heaviest`, with their weights as of `as_of` ms.

        `as_of` is not before the newest event.
        """
        scale = self._scale(as_of)
        return [(key, weight * scale) for key, weight in heaviest(self.weights, n)]

    def bound(self, as_of: int) -> float:
        """Return by how much weights may be too high, and keys not kept too low, as of `as_of`.

        >>> top = DecayedTop(capacity=1)
        >>> top.add("tea", 0); top.add("milk", 0)
        >>> top.top(1, as_of=0), top.bound(as_of=0)
        ([('milk', 2.0)], 1.0)
        """
        return self.error * self._scale(as_of)

    def merged(self, other: "DecayedTop") -> "DecayedTop":
        """Return the sum of both; exact while the union fits the capacity of either."""
        if not other.weights or not self.weights:
            return self if self.weights else other
        old, new = sorted((self, other), key=lambda top: top.landmark)
        shift = old.landmark - new.landmark
        error = ldexp(old.error, shift)
        weights = {key: weight + error for key, weight in new.weights.items()}
        for key, weight in old.weights.items():
            weights[key] = new.weights.get(key, new.error) + ldexp(weight, shift)
        error += new.error
        result = DecayedTop(self.capacity, weights, new.landmark, error)
        while len(weights) > self.capacity:
            result._evict()
        return result

    def pack(self) -> list[object]:
        """Return plain values for the section's encoding."""
        return [self.landmark, self.error, self.weights]

    @classmethod
    def unpack(cls, packed: list[object], capacity: int) -> "DecayedTop":
        """Read what `pack` wrote."""
        landmark, error, weights = packed
        return cls(capacity, weights, landmark, error)  # type: ignore[arg-type]  # our own bytes

    def _scale(self, as_of: int) -> float:
        scale: float = 2.0 ** (self.landmark - as_of / HALF_LIFE_MS)
        return scale

    def _move_landmark(self, landmark: int) -> None:
        shift = self.landmark - landmark
        self.weights = {key: ldexp(weight, shift) for key, weight in self.weights.items()}
        self.error = ldexp(self.error, shift)
        self.landmark = landmark

    def _evict(self) -> float:
        """Drop the lightest key; what it weighed is from now on the error of every weight."""
        weights = self.weights
        key = min(weights, key=lambda k: (weights[k], k))
        weight = weights.pop(key)
        self.error = max(self.error, weight)
        return weight


def heaviest(weights: dict[str, float], n: int) -> list[tuple[str, float]]:
    """Return the `n` heaviest (key, weight), heaviest first, ties by key.

    >>> heaviest({"b": 1.0, "a": 0.9999999999999999, "c": 2.0}, 2)
    [('c', 2.0), ('a', 0.9999999999999999)]
    """
    ranked = sorted(weights.items(), key=itemgetter(1), reverse=True)
    found: list[tuple[str, float]] = []
    while ranked and len(found) < n:
        tied = _tied(ranked)
        found += sorted(ranked[:tied])
        del ranked[:tied]
    return found[:n]


def _tied(ranked: list[tuple[str, float]]) -> int:
    """Return how many of the first weights are equal but for the noise of floats."""
    tied = 1
    while tied < len(ranked) and ranked[tied][1] >= ranked[tied - 1][1] * CLOSE:
        tied += 1
    return tied
