"""Which kind of customer is this? Online k-means with names that stay with their clusters.

Standardized features, centres seeded from the first examples, then river's k-means (Sculley, 2010),
which moves the nearest centre a little towards every example.
"""

import math
from typing import Any

from river.cluster import KMeans
from river.preprocessing import StandardScaler

from profiles.learning.features import Selection
from profiles.learning.seeding import seed_centres
from profiles.learning.task import Numbers, Source, State
from schemas.examples import Outcome, Question

WARM_UP = 1_000  # examples that the centres are seeded from
RATE = 0.005  # how far the nearest centre moves: the memory of a cluster is about 200 examples
SILHOUETTE_RATE = 0.001  # the measure remembers about 1,000 examples
SEED = 20090628

# The names, by rising engagement of the centre when they are given. They are given once, after the
# warm-up, and stay with their clusters wherever these move.
LADDER = ("newcomers", "occasional", "promising", "loyal", "champions")
ENGAGEMENT = ("orders", "revenue", "decayed_orders_90")  # sum of these, standardized


class Segments:
    """Clusters of customers as they are when they order; no labels, so nothing is awaited."""

    name = "segment"
    features: tuple[str, ...] = ("orders", "revenue", "decayed_orders_90", "last_gap_days")
    classes = frozenset({"river.preprocessing.scale.StandardScaler"})

    def __init__(self) -> None:
        self.scaler: Any = StandardScaler()
        self.model: Any = None  # river's KMeans, once seeded
        self.names: list[str] = []
        self.sizes = [0] * len(LADDER)
        self.silhouette = 0.0
        self._selection = Selection(self.features)
        self._warm_up: list[dict[int, float]] = []

    def settings(self) -> Numbers:
        """Its features and the number of clusters."""
        return {"features": list(self.features), "clusters": len(LADDER)}

    def on_question(self, question: Question) -> None:
        """Assign it, measure, then move the centre."""
        row = self._selection.row(question.features)
        self.scaler.learn_one(row)
        if self.model is None:
            self._collect(row)
        else:
            self._learn(self.scaler.transform_one(row))

    def on_outcome(self, outcome: Outcome) -> None:
        """Nothing is awaited."""

    def advance(self, source: Source, now: int) -> None:
        """Nothing is awaited."""

    def _collect(self, row: dict[int, float]) -> None:
        self._warm_up.append(row)
        if len(self._warm_up) < WARM_UP:
            return
        scaled = [self.scaler.transform_one(each) for each in self._warm_up]
        points = [list(each.values()) for each in scaled]
        centres = seed_centres(points, len(LADDER), SEED)
        self.model, self.names, self._warm_up = _k_means(centres), _names(centres), []
        for each in scaled:
            self._learn(each)

    def _learn(self, scaled: dict[int, float]) -> None:
        closeness = self._closeness(list(scaled.values()))
        seen = sum(self.sizes)
        self.silhouette += max(SILHOUETTE_RATE, 1 / (seen + 1)) * (closeness - self.silhouette)
        self.sizes[self.model.learn_predict_one(scaled)] += 1

    def _closeness(self, point: list[float]) -> float:
        """Simplified silhouette (Hruschka, de Castro and Campello, 2004), 0..1."""
        own, other = sorted(math.dist(point, centre) for centre in self._centres())[:2]
        return (other - own) / other if other else 0.0

    def _centres(self) -> list[list[float]]:
        positions = range(len(self.features))
        return [[centre[i] for i in positions] for centre in self.model.centers.values()]

    def state(self) -> State:
        """The scaler and plain containers; of river's k-means only the centres."""
        return {
            "scaler": self.scaler,
            "centres": self._centres() if self.model else None,
            "names": self.names,
            "sizes": self.sizes,
            "silhouette": self.silhouette,
            "warm_up": self._warm_up,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.names, self.sizes = state["scaler"], state["names"], state["sizes"]
        self.silhouette, self._warm_up = state["silhouette"], state["warm_up"]
        self.model = _k_means(state["centres"]) if state["centres"] else None

    def parameters(self) -> Numbers:
        """Centres, names, sizes and what has been collected so far."""
        return {
            **self._numbers(),
            "sizes": list(self.sizes),
            "silhouette": self.silhouette,
            "warm_up": [list(row.values()) for row in self._warm_up],
        }

    def export(self) -> Numbers | None:
        """Centres and names; None during the warm-up."""
        return self._numbers() if self.model else None

    def card(self) -> Numbers:
        """Figures for people; `sizes` counts examples (orders), `centres` are standardized."""
        numbers = self._numbers()
        centres = [dict(zip(self.features, row, strict=True)) for row in numbers["centres"]]
        return {
            "n_examples": sum(self.sizes) + len(self._warm_up),
            "metrics": {"silhouette": self.silhouette if self.model else None},
            "sizes": dict(zip(self.names, self.sizes, strict=False)),
            "centres": dict(zip(self.names, centres, strict=True)),
            "features": list(self.features),
        }

    def _numbers(self) -> Numbers:
        positions = range(len(self.features))
        return {
            "kind": "centres",
            "features": list(self.features),
            "means": [self.scaler.means[i] for i in positions],
            "variances": [self.scaler.vars[i] for i in positions],
            "centres": self._centres() if self.model else [],
            "names": list(self.names),
        }


def _k_means(centres: list[list[float]]) -> Any:
    model = KMeans(n_clusters=len(centres), halflife=RATE, seed=SEED)
    # river would draw its own; a set of positions 0, 1, 2, ... has one order in every process
    seeded: dict[int, Any] = {number: dict(enumerate(c)) for number, c in enumerate(centres)}
    model.centers = seeded
    return model


def _names(centres: list[list[float]]) -> list[str]:
    """A name for each centre.

    >>> _names([[0.0] * 4, [2.0] * 4, [-1.0] * 4, [1.0] * 4, [3.0] * 4])
    ['occasional', 'loyal', 'newcomers', 'promising', 'champions']
    """
    columns = [Segments.features.index(name) for name in ENGAGEMENT]
    engagement = [sum(centre[column] for column in columns) for centre in centres]
    ranks = sorted(range(len(centres)), key=engagement.__getitem__)
    named = dict(zip(ranks, LADDER, strict=True))
    return [named[number] for number in range(len(centres))]
