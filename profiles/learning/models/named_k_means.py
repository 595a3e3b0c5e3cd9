"""Online k-means with names that stay with their clusters.

Standardized features, centres seeded from the first examples, then river's k-means (Sculley, 2010),
which moves the nearest centre a little towards every example.
"""

import math
from collections.abc import Sequence
from typing import Any

from river.cluster import KMeans
from river.preprocessing import StandardScaler

from profiles.learning.model import Assigned, Model, Numbers, Row, State
from profiles.learning.seeding import seed_centres

WARM_UP = 1_000  # examples that the centres are seeded from
RATE = 0.005  # how far the nearest centre moves: a cluster's memory is examples that weigh 200
SEED = 20090628


class NamedKMeans(Model):
    """As many clusters as names, which are given once: by rising engagement of the first centres.

    `engagement` are the positions whose sum, standardized, says how engaged a centre is. `pace` is
    the position of how often a customer is asked about (a log1p): an example weighs 1 / pace, at
    most 1, so that customers count alike and not examples (Horvitz and Thompson, 1952).
    """

    classes = frozenset({"river.preprocessing.scale.StandardScaler"})

    def __init__(
        self, width: int, ladder: Sequence[str], engagement: Sequence[int], pace: int
    ) -> None:
        self.width, self.ladder, self.engagement = width, list(ladder), list(engagement)
        self.pace = pace
        self.scaler: Any = StandardScaler()
        self.model: Any = None  # river's KMeans, once seeded
        self.names: list[str] = []
        self.sizes = [0] * len(self.ladder)
        self._warm_up: list[Row] = []

    def observe(self, x: Row) -> None:
        """Let the scaler learn."""
        self.scaler.learn_one(x)

    def predict(self, x: Row) -> Assigned | None:
        """The nearest centre; None during the warm-up."""
        if self.model is None:
            return None
        point = list(self.scaler.transform_one(x).values())
        distances = [math.dist(point, centre) for centre in self._centres()]
        own, other = sorted(distances)[:2]
        return Assigned(distances.index(own), (other - own) / other if other else 0.0)

    def learn(self, x: Row, label: object = None) -> None:
        """Move the nearest centre, or seed them all."""
        if self.model is None:
            self._collect(x)
        else:
            self._move(x)

    def _collect(self, x: Row) -> None:
        self._warm_up.append(x)
        if len(self._warm_up) < WARM_UP:
            return
        points = [list(self.scaler.transform_one(row).values()) for row in self._warm_up]
        weights = list(map(self._weight, self._warm_up))
        centres = seed_centres(points, len(self.ladder), SEED, weights)
        self.model, self.names = _k_means(centres), self._named(centres)
        collected, self._warm_up = self._warm_up, []
        for row in collected:
            self._move(row)

    def _weight(self, x: Row) -> float:
        return 1 / max(math.expm1(x[self.pace]), 1.0)

    def _move(self, x: Row) -> None:
        self.model.halflife = RATE * self._weight(x)
        self.sizes[self.model.learn_predict_one(self.scaler.transform_one(x))] += 1

    def _named(self, centres: list[list[float]]) -> list[str]:
        engaged = [sum(centre[position] for position in self.engagement) for centre in centres]
        ranks = sorted(range(len(centres)), key=engaged.__getitem__)
        named = dict(zip(ranks, self.ladder, strict=True))
        return [named[number] for number in range(len(centres))]

    def _centres(self) -> list[list[float]]:
        positions = range(self.width)
        return [[centre[i] for i in positions] for centre in self.model.centers.values()]

    def state(self) -> State:
        """All attributes, of river's k-means only the centres."""
        return {**vars(self), "model": self._centres() if self.model else None}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)
        self.model = _k_means(state["model"]) if state["model"] else None

    def parameters(self) -> Numbers:
        """Centres, names, sizes and what has been collected so far."""
        positions = range(self.width)
        return {
            "kind": "centres",
            "means": [self.scaler.means[i] for i in positions],
            "variances": [self.scaler.vars[i] for i in positions],
            "centres": self._centres() if self.model else [],
            "names": list(self.names),
            "sizes": list(self.sizes),
            "warm_up": [list(row.values()) for row in self._warm_up],
        }

    def export(self) -> Numbers | None:
        """Centres and names; None during the warm-up."""
        return self.parameters() if self.model else None

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Examples by segment, and standardized centres."""
        centres = self._centres() if self.model else []
        rows = [dict(zip(features, row, strict=True)) for row in centres]
        return {
            "sizes": dict(zip(self.names, self.sizes, strict=False)),
            "centres": dict(zip(self.names, rows, strict=True)),
            "features": list(features),
        }


def _k_means(centres: list[list[float]]) -> Any:
    model = KMeans(n_clusters=len(centres), halflife=RATE, seed=SEED)
    # river would draw its own; a set of positions 0, 1, 2, ... has one order in every process
    seeded: dict[int, Any] = {number: dict(enumerate(c)) for number, c in enumerate(centres)}
    model.centers = seeded
    return model
