"""Where clusters start: k-means++ on the first examples, the same on every run."""

import math
import random
from collections.abc import Sequence

Point = Sequence[float]

REFINEMENTS = 10  # Lloyd's iterations after seeding; the centres of 1,000 points settle
ATTEMPTS = 4  # one unlucky seeding spends a centre on an outlier; the best of four rarely does


def seed_centres(points: Sequence[Point], count: int, seed: int) -> list[list[float]]:
    """`count` centres of `points` (n, d), in the points' unit.

    Seeds by k-means++ (Arthur and Vassilvitskii, SODA 2007), refines by Lloyd (1982), keeps the
    tightest of some attempts. Points that are all the same give equal centres.

    >>> sorted(seed_centres([[0.0], [0.2], [9.0], [9.2]], count=2, seed=1))
    [[0.1], [9.1]]
    """
    rng = random.Random(seed)  # noqa: S311  (reproducible on purpose, nothing secret)
    attempts = [_attempt(points, count, rng) for _ in range(ATTEMPTS)]
    return min(attempts, key=lambda centres: _spread(points, centres))


def _attempt(points: Sequence[Point], count: int, rng: random.Random) -> list[list[float]]:
    centres = [list(points[rng.randrange(len(points))])]
    while len(centres) < count:
        weights = [_gap(point, centres) ** 2 for point in points]
        (chosen,) = rng.choices(points, weights if any(weights) else None)
        centres.append(list(chosen))
    for _ in range(REFINEMENTS):
        centres = _refined(points, centres)
    return centres


def _refined(points: Sequence[Point], centres: list[list[float]]) -> list[list[float]]:
    members: list[list[Point]] = [[] for _ in centres]
    for point in points:
        distances = [math.dist(point, centre) for centre in centres]
        members[distances.index(min(distances))].append(point)
    return [
        [math.fsum(column) / len(group) for column in zip(*group, strict=True)] if group else centre
        for group, centre in zip(members, centres, strict=True)
    ]


def _gap(point: Point, centres: Sequence[Point]) -> float:
    return min(math.dist(point, centre) for centre in centres)


def _spread(points: Sequence[Point], centres: Sequence[Point]) -> float:
    return math.fsum(_gap(point, centres) ** 2 for point in points)
