"""A mean in which what was said lately weighs more: forward decay with a half-life of 90 days.

A list `[landmark, weight, weighted sum]`; empty before anything was said. It is never changed in
place, and there is nothing to decode. Weights are relative to a landmark, a whole number of
half-lives, as in `decayed`. The mean does not depend on the moment at which it is read.
"""

from math import ldexp

HALF_LIFE_MS = 90 * 86_400_000

Lately = list[int | float]
"""An int, then two floats: declared floats alone, compiled code would write the int as one."""


def said(before: Lately, value: float, ts: int) -> Lately:
    """Return `before` with one more value at event time `ts` (ms).

    >>> mean(said(said([], 5, ts=0), 2, ts=HALF_LIFE_MS))
    3.0
    """
    landmark, part = divmod(ts, HALF_LIFE_MS)
    weight = 2.0 ** (part / HALF_LIFE_MS)
    return merged(before, [landmark, weight, weight * value])


def merged(a: Lately, b: Lately) -> Lately:
    """Return the mean of both together, to 1e-9 whatever the order."""
    if not a or not b:
        return a or b
    newest = max(a[0], b[0])
    old, new = int(a[0] - newest), int(b[0] - newest)
    return [newest, ldexp(a[1], old) + ldexp(b[1], new), ldexp(a[2], old) + ldexp(b[2], new)]


def mean(values: Lately) -> float:
    """Return the weighted mean of at least one value."""
    _, weight, total = values
    return total / weight
