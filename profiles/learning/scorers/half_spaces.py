"""Half-space trees for batches."""

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers
from profiles.learning.scorers.answers import Strangeness
from profiles.learning.scorers.prepared import Prepared

SPARSE = 0.1  # share of a window below which a box is not looked into any further (Tan, 2011)


class HalfSpaces:
    """All rows walk down all trees; each level's count weighs twice that of the level above."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.reach, self.window = float(numbers["reach"]), int(numbers["window"])
        self.feature = np.array(numbers["features_asked"])  # (trees, nodes), nodes as in a heap
        self.threshold = np.array(numbers["thresholds"])
        self.counts = np.array(numbers["counts"], dtype=float)
        self.height = self.counts.shape[1].bit_length() - 1  # of 2^(height + 1) - 1 nodes
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Strangeness:
        """(n, len(FEATURES)) → strangeness (n,)."""
        scaled = self.prepared.matrix(rows)
        x = np.clip((scaled + self.reach) / (2 * self.reach), 0.0, 1.0)
        n, trees = len(x), np.arange(len(self.counts))
        nodes = np.zeros((n, len(trees)), dtype=np.intp)
        looking = np.ones(nodes.shape, dtype=bool)
        crowd = np.zeros(nodes.shape)
        for level in range(self.height + 1):
            counts = self.counts[trees, nodes]
            crowd += np.where(looking, counts * 2**level, 0.0)
            looking &= counts >= SPARSE * self.window
            if level < self.height:
                values = x[np.arange(n)[:, None], self.feature[trees, nodes]]
                nodes = 2 * nodes + 1 + (values >= self.threshold[trees, nodes])
        most = len(trees) * self.window * (2 ** (self.height + 1) - 1)
        return Strangeness(1.0 - crowd.sum(axis=1) / most, self.version)
