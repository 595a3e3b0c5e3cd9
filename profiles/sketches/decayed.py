"""Top keys by forward-decayed weight.

Forward decay (Cormode, Shkapenyuk, Srivastava, Xu, ICDE 2009): an event at time t weighs
2 ** (t / half-life) for ever, and a weight "as of" some time is divided by 2 ** (as_of / half-life)
when it is read. So nothing has to be touched as time passes, and late events weigh what they
should. Weights are whole numbers of 1 / `UNIT`, relative to a landmark, a whole number of
half-lives, which follows the newest event: moving it shifts them to the right. That loses less than
a unit for each event, in whatever order; what weighs less than a unit is forgotten.

Beyond `capacity` distinct keys the smallest gives way and its weight goes to the newcomer
(Space-Saving: Metwally, Agrawal, El Abbadi, ICDT 2005); `error` then bounds by how much any weight
is overestimated. The weights still add up to that of all events, so shares have a bound, too. Sums
keep all keys of both sides for that: a key that one of them has not kept weighs at most that side's
error there.
"""

from math import exp2
from typing import Any

UNIT = 1 << 15
"""Weight of an event whose age is a whole number of half-lives, before its decay."""

TIE = 8
"""Weights (units) this close rank as equal: else the order of events would decide."""

DAY_MS = 86_400_000

HALF_LIFE_DAYS = 30
"""Half-life unless another one is set: what was bought 30 days ago weighs half."""

HALF_LIFE_MS = HALF_LIFE_DAYS * DAY_MS


Weight = tuple[int, int]
"""What an event weighs: the landmark, in half-lives since 1970, and units relative to it."""

ONCE: Weight = (0, 1)
"""Counts without decay: weights are then exact counts."""


def weigh(ts: int, half_life_ms: int = HALF_LIFE_MS) -> Weight:
    """Return what an event at `ts` (ms) weighs.

    >>> weigh(0) == (0, UNIT), weigh(HALF_LIFE_MS * 3 // 2)[0]
    (True, 1)
    """
    landmark, rest = divmod(ts, half_life_ms)
    return landmark, int(UNIT * exp2(rest / half_life_ms))


class DecayedTop:
    """Weights of at most `capacity` keys; to a unit for each event until that is reached.

    >>> top = DecayedTop(capacity=8)
    >>> top.add("tea", 0); top.add("milk", HALF_LIFE_MS); top.add("tea", HALF_LIFE_MS)
    >>> [(key, units * top.scale(HALF_LIFE_MS)) for key, units in top.weights.items()]
    [('tea', 1.5), ('milk', 1.0)]
    """

    __slots__ = ("capacity", "error", "landmark", "weights")

    def __init__(
        self,
        capacity: int,
        landmark: int = 0,
        weights: dict[str, int] | None = None,
        error: int = 0,
    ) -> None:
        self.capacity = capacity
        self.landmark = landmark
        self.weights = {} if weights is None else weights
        self.error = error

    def add(self, key: str, ts: int, half_life_ms: int = HALF_LIFE_MS) -> None:
        """Count an event at event time `ts` (ms) for `key`."""
        self.gain(key, weigh(ts, half_life_ms))

    def gain(self, key: str, weight: Weight) -> None:
        """Add the weight of an event, or `ONCE`, for `key`; a top is given one sort of them."""
        landmark, units = weight
        if landmark != self.landmark:
            if landmark > self.landmark:
                self._move_landmark(landmark)
            units >>= self.landmark - landmark
            if not units:
                return
        weights = self.weights
        known = weights.get(key)
        if known is not None:
            weights[key] = known + units
        elif len(weights) < self.capacity:
            weights[key] = units
        else:
            weights[key] = units + self._evict()

    def scale(self, as_of: int, half_life_ms: int = HALF_LIFE_MS) -> float:
        """Return what a unit of the weights, of that half-life, weighs as of `as_of` ms.

        `as_of` is not before the newest event.
        """
        return float(2.0 ** (self.landmark - as_of / half_life_ms) / UNIT)

    def pack(self) -> list[object]:
        """Return plain values for the section's encoding."""
        if self.error:
            return [self.landmark, self.weights, self.error]
        return [self.landmark, self.weights] if self.weights else []

    @classmethod
    def unpack(cls, packed: list[Any], capacity: int) -> "DecayedTop":
        """Read what `pack` wrote."""
        top = cls(capacity)
        if packed:
            top.landmark, top.weights = packed[:2]
            if len(packed) > 2:
                top.error = packed[2]
        return top

    def _move_landmark(self, landmark: int) -> None:
        shift = landmark - self.landmark
        self.weights = {k: units >> shift for k, units in self.weights.items() if units >> shift}
        self.error >>= shift
        self.landmark = landmark

    def _evict(self) -> int:
        """Drop the lightest key; what it weighed is from now on the error of every weight."""
        weights = self.weights
        units = min(weights.values())
        del weights[min([key for key, lightest in weights.items() if lightest == units])]
        self.error = max(self.error, units)
        return units


def summed(one: DecayedTop, other: DecayedTop, factor: int = 1) -> DecayedTop:
    """Return `one` plus `factor` times `other`, to be read: all their keys, both their errors.

    What weighs less than a unit beside the newer one is forgotten, as by events of one log.

    >>> tea, milk = DecayedTop(1), DecayedTop(1)
    >>> tea.gain("tea", ONCE); milk.gain("milk", ONCE)
    >>> summed(tea, milk, 5).weights
    {'tea': 1, 'milk': 5}
    """
    if not other.weights:
        return one
    landmark = max(one.landmark, other.landmark)
    shift, shift_other = landmark - one.landmark, landmark - other.landmark
    weights = one.weights.copy()
    if shift:
        weights = {k: units >> shift for k, units in weights.items() if units >> shift}
    for key, units in other.weights.items():
        added = factor * units >> shift_other
        if added:
            weights[key] = weights[key] + added if key in weights else added
    error = (one.error >> shift) + (factor * other.error >> shift_other)
    return DecayedTop(len(weights), landmark, weights, error)


def heaviest(weights: dict[str, int], n: int) -> list[str]:
    """Return the `n` heaviest keys, heaviest first, ties by key.

    >>> heaviest({"b": 5000, "a": 4999, "c": 9000}, 2)
    ['c', 'a']
    """
    ranked = sorted(weights, key=weights.__getitem__, reverse=True)
    place = 0
    while place < n and place < len(ranked):
        past = place + 1  # the first behind those that are equal but for their rounding
        while past < len(ranked) and weights[ranked[past]] >= weights[ranked[past - 1]] - TIE:
            past += 1
        if past > place + 1:
            ranked[place:past] = sorted(ranked[place:past])
        place = past
    return ranked[:n]
