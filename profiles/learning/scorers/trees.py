"""Trees and forests for batches: all rows walk down all trees, level by level."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers
from profiles.learning.reasons import Contributions
from profiles.learning.scorers.answers import (
    Classes,
    Probabilities,
    Quantities,
    Vector,
    classified,
    normalized,
    unlogged,
)
from profiles.learning.scorers.prepared import Prepared

Nodes = npt.NDArray[np.intp]


class Forest:
    """All trees' nodes in one row of arrays; `roots` say where each tree begins."""

    def __init__(self, trees: list[Numbers]) -> None:
        sizes = [len(tree["feature"]) for tree in trees]
        self.roots: Nodes = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
        offsets = np.repeat(self.roots, sizes)
        feature = np.concatenate([tree["feature"] for tree in trees])
        self.leaf = feature < 0
        self.feature = np.where(self.leaf, 0, feature)  # at a leaf both ways lead to itself
        self.threshold = np.concatenate([tree["threshold"] for tree in trees])
        left = np.concatenate([tree["left"] for tree in trees]) + offsets
        right = np.concatenate([tree["right"] for tree in trees]) + offsets
        # one table for both ways: of node i, 2 i leads left and 2 i + 1 right
        self.ways: Nodes = np.column_stack((left, right)).ravel().astype(np.intp)
        self.values = np.concatenate([np.array(tree["values"], dtype=float) for tree in trees])

    def paths(self, x: Matrix) -> list[Nodes]:
        """Prepared rows (n, selected) → the nodes (n, trees) at each level, the roots first."""
        rows = np.arange(len(x))[:, None]
        nodes = np.broadcast_to(self.roots, (len(x), len(self.roots)))
        levels = [nodes]
        while not self.leaf[nodes].all():
            right = x[rows, self.feature[nodes]] > self.threshold[nodes]
            nodes = self.ways[2 * nodes + right]
            levels.append(nodes)
        return levels

    def leaves(self, x: Matrix) -> Nodes:
        """Prepared rows (n, selected) → the leaves (n, trees) that they fall into."""
        return self.paths(x)[-1]

    def changes(self, x: Matrix, votes: Vector) -> tuple[Matrix, Matrix]:
        """By row and feature: the weighted change of the last value, and how often right was taken.

        The second counts a way right as 1 and a way left as -1, both weighted.
        """
        effects, sides = np.zeros_like(x), np.zeros_like(x)
        rows = np.broadcast_to(np.arange(len(x))[:, None], (len(x), len(self.roots)))
        levels = self.paths(x)
        for above, below in pairwise(levels):
            asked = (rows, self.feature[above])
            moved = above != below  # at a leaf nothing is asked
            change = self.values[below, -1] - self.values[above, -1]
            np.add.at(effects, asked, change * votes)
            right = np.where(below == self.ways[2 * above + 1], 1.0, -1.0)
            np.add.at(sides, asked, np.where(moved, right, 0.0) * votes)
        return effects, sides


class Trees:
    """The leaves' shares, each tree's vote weighted, summed and normalized."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.forest = Forest(numbers["trees"])
        self.votes = np.array(numbers.get("votes", [1.0] * len(numbers["trees"])))
        self.classes = list(numbers["classes"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities | Classes:
        """(n, len(FEATURES)) → probabilities by class (n, k)."""
        leaves = self.forest.leaves(self.prepared.matrix(rows))
        votes = np.einsum("ntk,t->nk", self.forest.values[leaves], self.votes)
        return classified(normalized(votes), self.classes, self.version)

    def contributions(self, rows: Matrix) -> Contributions:
        """Changes of the last class's share along the paths: of True, where there are two."""
        x = self.prepared.matrix(rows)
        effects, sides = self.forest.changes(x, self.votes / self.votes.sum())
        return Contributions(self.prepared.selection.names, effects, sides)


class TreeRegression:
    """The mean of the leaves' means; `log` says that it is a logarithm."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.forest = Forest(numbers["trees"])
        self.log = bool(numbers["log"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Quantities:
        """(n, len(FEATURES)) → numbers (n,)."""
        leaves = self.forest.leaves(self.prepared.matrix(rows))
        values = self.forest.values[leaves, 0].mean(axis=1)
        return Quantities(unlogged(values) if self.log else values, self.version)

    def contributions(self, rows: Matrix) -> Contributions:
        """Changes of the mean along the paths."""
        trees = len(self.forest.roots)
        effects, sides = self.forest.changes(
            self.prepared.matrix(rows), np.full(trees, 1.0 / trees)
        )
        return Contributions(self.prepared.selection.names, effects, sides)
