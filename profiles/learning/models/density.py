"""Clusterings that find their number of clusters, or keep many small ones."""

import math
from typing import Any

from river.cluster import DBSTREAM, CluStream

from profiles.learning.model import Assigned, Numbers, Row, State
from profiles.learning.models.scaled import Scaled

REGROUPED_EVERY = 200  # examples; between, clusters stay as they are
SEED = 20030909


class _Centred(Scaled):
    """Assigns a row to the nearest of the centres of its clusters."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.centres: list[list[float]] = []

    def predict(self, x: Row) -> Assigned | None:
        """The nearest centre; None while there is none."""
        if not self.centres:
            return None
        scaled = self.scaled(x)
        point = [scaled[position] for position in range(self.width)]
        distances = [math.dist(point, centre) for centre in self.centres]
        own, other, *_ = [*sorted(distances), math.inf]
        return Assigned(distances.index(own), 1.0 - own / other if other else 0.0)

    def export(self) -> Numbers | None:
        """Centres, named by their numbers; None while there is none."""
        if not self.centres:
            return None
        names = [str(number) for number in range(len(self.centres))]
        return {"kind": "centres", **self.scale(), "centres": self.centres, "names": names}

    def parameters(self) -> Numbers:
        """Scale and centres."""
        return {**self.scale(), "centres": self.centres}

    def _listed(self, centres: dict[int, Any]) -> list[list[float]]:
        return [[float(c[i]) for i in range(self.width)] for c in centres.values()]


class Dense(_Centred):
    """DBSTREAM (Hahsler and Bolaños, TKDE 2016): clusters are where customers are dense.

    `radius` is that of the small clusters, in standard deviations; those that fade are dropped,
    which bounds their number.
    """

    classes = Scaled.classes | {
        "river.cluster.dbstream.DBSTREAM",
        "river.cluster.dbstream.DBSTREAMMicroCluster",
    }

    def __init__(self, width: int, radius: float = 1.5, fading: float = 0.002) -> None:
        super().__init__(width)
        self.seen = 0
        self.model: Any = DBSTREAM(
            clustering_threshold=radius,
            fading_factor=fading,
            cleanup_interval=REGROUPED_EVERY,
            minimum_weight=3.0,
        )

    def learn(self, x: Row, label: object = None) -> None:
        """Move the small clusters near it, or begin one; now and then group them anew."""
        self.model.learn_one(self.scaled(x))
        self.seen += 1
        if self.seen % REGROUPED_EVERY == 0:
            self.model._recluster()
            self.centres = self._listed(self.model._centers)


class Micro(_Centred):
    """CluStream (Aggarwal et al., VLDB 2003): many small clusters, and k-means over them."""

    classes = Scaled.classes | {
        "river.cluster.clustream.CluStreamMicroCluster",
        "river.stats.mean.Mean",
        "river.stats.var.Var",
    }

    def __init__(self, width: int, clusters: int = 5, small: int = 50) -> None:
        super().__init__(width)
        self.model: Any = CluStream(
            n_macro_clusters=clusters,
            max_micro_clusters=small,
            time_gap=REGROUPED_EVERY,
            seed=SEED,
            halflife=0.4,
        )

    def learn(self, x: Row, label: object = None) -> None:
        """Count it in the nearest small cluster, or begin one; now and then group them anew."""
        before = self.model._kmeans_mc
        self.model.learn_one(self.scaled(x))
        if self.model._kmeans_mc is not before:
            self.centres = self._listed(self.model.centers)

    def state(self) -> State:
        """Scaler, small clusters and centres: river's k-means holds functions, and starts anew."""
        return {
            "scaler": self.scaler,
            "centres": self.centres,
            "small": self.model.micro_clusters,
            "time": self.model._timestamp,
            "initialized": self.model._initialized,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.centres = state["scaler"], state["centres"]
        self.model.micro_clusters = state["small"]
        self.model._timestamp = state["time"]
        self.model._initialized = state["initialized"]
