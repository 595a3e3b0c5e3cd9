"""Where clusters start: k-means++ on the first examples, the same on every run."""

import math
import random
from collections.abc import Sequence

Point = Sequence[float]

REFINEMENTS = 10  # Lloyd's iterations after seeding; the centres of a few hundred points settle


def seed_centres(points: Sequence[Point], count: int, seed: int) -> list[list[float]]:
    """`count` centres of `points` (n, d), in the points' unit.

    Seeds by k-means++ (Arthur and Vassilvitskii, SODA 2007), refines by Lloyd (1982). Points that
    are all the same give equal centres.

    >>> sorted(seed_centres([[0.0], [0.2], [9.0], [9.2]], count=2, seed=1))
    [[0.1], [9.1]]
    """
    rng = random.Random(seed)  # noqa: S311  (reproducible on purpose, nothing secret)
    centres = [list(points[rng.randrange(len(points))])]
    while len(centres) < count:
        weights = [math.dist(p, centres[nearest(p, centres)]) ** 2 for p in points]
        (chosen,) = rng.choices(points, weights if any(weights) else None)
        centres.append(list(chosen))
    for _ in range(REFINEMENTS):
        centres = _refined(points, centres)
    return centres


def nearest(point: Point, centres: Sequence[Point]) -> int:
    """Index of the closest centre, the first of equals."""
    distances = [math.dist(point, centre) for centre in centres]
    return distances.index(min(distances))


def _refined(points: Sequence[Point], centres: list[list[float]]) -> list[list[float]]:
    members: list[list[Point]] = [[] for _ in centres]
    for point in points:
        members[nearest(point, centres)].append(point)
    return [
        [math.fsum(column) / len(group) for column in zip(*group, strict=True)] if group else centre
        for group, centre in zip(members, centres, strict=True)
    ]
