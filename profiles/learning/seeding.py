"""Where clusters start: k-means++ on the first examples, the same on every run."""

import math
import random
from collections.abc import Sequence
from operator import mul

Point = Sequence[float]
Weighed = tuple[Point, float]

REFINEMENTS = 10  # Lloyd's iterations after seeding; the centres of 1,000 points settle
ATTEMPTS = 4  # one unlucky seeding spends a centre on an outlier; the best of four rarely does


def seed_centres(
    points: Sequence[Point], count: int, seed: int, weights: Sequence[float] | None = None
) -> list[list[float]]:
    """`count` centres of `points` (n, d), in the points' unit; `weights` (n,) say what each counts.

    Seeds by k-means++ (Arthur and Vassilvitskii, SODA 2007), refines by Lloyd (1982), keeps the
    tightest of some attempts. Points that are all the same give equal centres.

    >>> sorted(seed_centres([[0.0], [0.2], [9.0], [9.2]], count=2, seed=1))
    [[0.1], [9.1]]
    """
    rng = random.Random(seed)  # noqa: S311  (reproducible on purpose, nothing secret)
    weighed = list(zip(points, weights or [1.0] * len(points), strict=True))
    attempts = [_attempt(weighed, count, rng) for _ in range(ATTEMPTS)]
    return min(attempts, key=lambda centres: math.fsum(_costs(weighed, centres)))


def _attempt(weighed: Sequence[Weighed], count: int, rng: random.Random) -> list[list[float]]:
    points, weights = zip(*weighed, strict=True)
    centres = [list(rng.choices(points, weights)[0])]
    while len(centres) < count:
        costs = _costs(weighed, centres)
        centres.append(list(rng.choices(points, costs if any(costs) else None)[0]))
    for _ in range(REFINEMENTS):
        centres = _refined(weighed, centres)
    return centres


def _refined(weighed: Sequence[Weighed], centres: list[list[float]]) -> list[list[float]]:
    members: list[list[Weighed]] = [[] for _ in centres]
    for point, weight in weighed:
        distances = [math.dist(point, centre) for centre in centres]
        members[distances.index(min(distances))].append((point, weight))
    return [
        _mean(group) if group else centre for group, centre in zip(members, centres, strict=True)
    ]


def _mean(group: Sequence[Weighed]) -> list[float]:
    points, weights = zip(*group, strict=True)
    total = math.fsum(weights)
    return [math.fsum(map(mul, column, weights)) / total for column in zip(*points, strict=True)]


def _costs(weighed: Sequence[Weighed], centres: Sequence[Point]) -> list[float]:
    return [
        weight * min(math.dist(point, centre) for centre in centres) ** 2
        for point, weight in weighed
    ]
