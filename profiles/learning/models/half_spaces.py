"""Half-space trees: how unusual is this? (Tan, Ting and Liu, IJCAI 2011)."""

from typing import Any

from river.anomaly import HalfSpaceTrees

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.scaled import Scaled

SEED = 20110719
REACH = 3.0  # standard deviations from the mean that the unit interval spans


class HalfSpaces(Scaled):
    """Random boxes that count who falls into them (river); strange is who falls where few do.

    Boxes are drawn once, by the seed. The counts of the last full window score the next one, so the
    first answer comes after `window` examples.
    """

    def __init__(self, width: int, trees: int = 10, height: int = 6, window: int = 250) -> None:
        super().__init__(width)
        self.model: Any = HalfSpaceTrees(
            n_trees=trees, height=height, window_size=window, seed=SEED
        )
        self.learn(dict.fromkeys(range(width), 0.0))  # river draws the boxes here
        self._count([[(0, 0)] * len(nodes) for nodes in self.model._tree_nodes])
        self.model.counter = 0

    def _unit(self, x: Row) -> Row:
        scaled = self.scaled(x)
        return {i: min(max((z + REACH) / (2 * REACH), 0.0), 1.0) for i, z in scaled.items()}

    def predict(self, x: Row) -> float | None:
        """How unusual, 0..1; None before the first window is full."""
        if self.model._first_window:
            return None
        return float(self.model.score_one(self._unit(x)))

    def learn(self, x: Row, label: object = None) -> None:
        """Count it in its boxes."""
        self.model.learn_one(self._unit(x))

    def _counts(self) -> list[list[tuple[int, int]]]:
        """By tree and node: of this window, of the last."""
        return [[(node.l_mass, node.r_mass) for node in nodes] for nodes in self.model._tree_nodes]

    def _count(self, counts: list[list[tuple[int, int]]]) -> None:
        for nodes, tree in zip(self.model._tree_nodes, counts, strict=True):
            for node, (now, last) in zip(nodes, tree, strict=True):
                node.l_mass, node.r_mass = now, last

    def state(self) -> State:
        """Scaler and counts; the boxes follow from the seed."""
        return {
            "scaler": self.scaler,
            "counts": self._counts(),
            "counter": self.model.counter,
            "first": self.model._first_window,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.model.counter = state["scaler"], state["counter"]
        self.model._first_window = state["first"]
        self._count(state["counts"])

    def parameters(self) -> Numbers:
        """Scale and counts."""
        return {**self.scale(), "counts": self._counts(), "counter": self.model.counter}

    def export(self) -> Numbers | None:
        """Boxes in a heap's order, counts of the last full window; None before there is one."""
        if self.model._first_window:
            return None
        trees = [_heap(tree, self.model.height) for tree in self.model.trees]
        return {
            "kind": "half_spaces",
            **self.scale(),
            "reach": REACH,
            "window": self.model.window_size,
            "features_asked": [
                [n.feature if hasattr(n, "children") else 0 for n in tree] for tree in trees
            ],
            "thresholds": [
                [n.threshold if hasattr(n, "children") else 0.0 for n in tree] for tree in trees
            ],
            "counts": [[n.r_mass for n in tree] for tree in trees],
        }


def _heap(root: Any, height: int) -> list[Any]:
    """The nodes level by level: those below node i are 2 i + 1 and 2 i + 2."""
    nodes = level = [root]
    for _ in range(height):
        level = [child for node in level for child in node.children]
        nodes = nodes + level
    return nodes
