"""How well clusters are apart, and how large they are."""

from collections import Counter
from typing import ClassVar

from profiles.learning.model import Assigned, Numbers, State

RATE = 0.001  # the silhouette remembers about 1,000 examples


class ClusterMetrics:
    """The mean closeness of lately: a simplified silhouette, 0..1; sizes count examples.

    Hruschka, de Castro and Campello, "Evolutionary algorithms for clustering gene-expression
    data", 2004.

    >>> metrics = ClusterMetrics()
    >>> for index in (0, 2): metrics.update(Assigned(index, 0.5))
    >>> metrics.values()
    {'n': 2, 'silhouette': 0.5, 'sizes': {'0': 1, '2': 1}}
    """

    headline: ClassVar[str] = "silhouette"

    def __init__(self) -> None:
        self.n = 0
        self.silhouette = 0.0
        self.sizes: Counter[int] = Counter()

    def update(self, prediction: Assigned, label: object = None) -> None:
        """Count one assignment."""
        self.n += 1
        self.silhouette += max(RATE, 1 / self.n) * (prediction.closeness - self.silhouette)
        self.sizes[prediction.cluster] += 1

    def values(self) -> Numbers:
        """Number of examples, silhouette, and examples by cluster."""
        sizes = {str(cluster): n for cluster, n in sorted(self.sizes.items())}
        return {"n": self.n, "silhouette": self.quality(), "sizes": sizes}

    def quality(self) -> float | None:
        """The silhouette."""
        return self.silhouette if self.n else None

    def state(self) -> State:
        """Plain containers."""
        return {**vars(self), "sizes": dict(self.sizes)}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)
        self.sizes = Counter(state["sizes"])
