"""A river tree as arrays: what scoring walks for a whole batch at once."""

from collections.abc import Callable
from typing import Any, NamedTuple

from river.tree.base import Leaf

from profiles.learning.model import Numbers

LEAF = -1


class TreeArrays(NamedTuple):
    """Nodes in the order of a walk, the root first; a leaf has the feature LEAF.

    A row goes left where its `feature` is at most `threshold`. `values` are by node: what it would
    answer if the walk ended there, which is also what explains the path.
    """

    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    values: list[list[float]]

    def numbers(self) -> Numbers:
        """Plain JSON."""
        return self._asdict()


def flatten(root: Any, value: Callable[[Any], list[float]]) -> TreeArrays:
    """The arrays of a binary tree with numeric splits; `value` says what a node answers.

    An empty tree (None) is one leaf.
    """
    arrays = TreeArrays([], [], [], [], [])
    _add(root, value, arrays)
    return arrays


def _add(node: Any, value: Callable[[Any], list[float]], arrays: TreeArrays) -> int:
    place = len(arrays.feature)
    leaf = node is None or isinstance(node, Leaf)
    arrays.feature.append(LEAF if leaf else node.feature)
    arrays.threshold.append(0.0 if leaf else float(node.threshold))
    arrays.left.append(place)  # a leaf leads to itself, so all walks can have one length
    arrays.right.append(place)
    arrays.values.append(value(node))
    if not leaf:
        arrays.left[place] = _add(node.children[0], value, arrays)
        arrays.right[place] = _add(node.children[1], value, arrays)
    return place


def shares(stats: dict[int, float] | None, classes: int) -> list[float]:
    """The distribution of a node over `classes`; all 0 where nothing has been seen.

    >>> shares({1: 3.0, 0: 1.0}, classes=2)
    [0.25, 0.75]
    """
    total = sum(stats.values()) if stats else 0.0
    if not stats or not total:
        return [0.0] * classes
    return [stats.get(number, 0.0) * (1 / total) for number in range(classes)]


def importances(trees: list[TreeArrays], width: int) -> list[float]:
    """How often each feature is asked, a split counting half of its parent; sums to 1."""
    sums = [0.0] * width
    for tree in trees:
        weights = {0: 1.0}
        for place, feature in enumerate(tree.feature):
            if feature != LEAF:
                sums[feature] += weights[place]
                weights[tree.left[place]] = weights[tree.right[place]] = weights[place] / 2
    total = sum(sums)
    return [each / total for each in sums] if total else sums
