"""A hierarchy over clusters: which two are the most alike, then which two of the rest, ..."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Point = npt.NDArray[np.float64]


class Merge(NamedTuple):
    """Two clusters become one, numbered after all before it; `height` is what that costs."""

    left: int
    right: int
    height: float
    size: float


def hierarchy(centres: list[list[float]], sizes: list[float]) -> list[Merge]:
    """Ward's hierarchy (1963) of k clusters, given by centres (k, d) and sizes: k - 1 merges.

    Merged are always the two whose union adds the least squared distance to centres. Run over the
    few centres of a clustering, not over customers, it costs microseconds.

    >>> [(m.left, m.right) for m in hierarchy([[0.0], [9.0], [1.0]], [5, 5, 5])]
    [(0, 2), (1, 3)]
    """
    alive = {
        n: (np.array(c), float(s)) for n, (c, s) in enumerate(zip(centres, sizes, strict=True))
    }
    merges: list[Merge] = []
    while len(alive) > 1:
        pairs = [(a, b) for a in alive for b in alive if a < b]
        costs = [_cost(*alive[a], *alive[b]) for a, b in pairs]
        left, right = pairs[costs.index(min(costs))]
        (here, weight), (there, other) = alive.pop(left), alive.pop(right)
        size = weight + other
        alive[len(centres) + len(merges)] = ((weight * here + other * there) / size, size)
        merges.append(Merge(left, right, float(np.sqrt(min(costs))), size))
    return merges


def _cost(here: Point, weight: float, there: Point, other: float) -> float:
    gap = here - there
    return float(2 * weight * other / (weight + other) * (gap @ gap))
