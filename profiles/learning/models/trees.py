"""Decision trees that grow while they learn (Hoeffding trees), over features as they are."""

from typing import Any

from river.tree import (
    HoeffdingAdaptiveTreeClassifier,
    HoeffdingTreeClassifier,
    HoeffdingTreeRegressor,
)
from river.tree.splitter import TEBSTSplitter

from profiles.learning.model import Model, Numbers, Row
from profiles.learning.models.regression import logged, unlogged
from profiles.learning.models.scaled import LABELS, Labels, answer
from profiles.learning.models.tree_arrays import TreeArrays, flatten, importances, shares

MOST_DEPTH = 8  # at most 256 leaves
GRACE = 100  # examples between two attempts to split a leaf
SEED = 20001017
DIGITS = 1  # a regression tree tells values apart to a tenth, which bounds what its leaves hold

ADWIN_CLASSES = frozenset({"river.drift.adwin.ADWIN", "river._river_rust.drift.AdaptiveWindowing"})
CLASSIFIER_PARTS = frozenset(
    {
        LABELS,
        "random.Random",
        "river.proba.gaussian.Gaussian",
        "river.stats.mean.Mean",
        "river.stats.var.Var",
        "river.tree.splitter.gaussian_splitter.GaussianSplitter",
    }
)
REGRESSOR_PARTS = frozenset(
    {
        "river._river_rust.vectordict.VectorDict",
        "river.linear_model.lin_reg.LinearRegression",
        "river.optim.initializers.Zeros",
        "river.optim.losses.Squared",
        "river.optim.schedulers.Constant",
        "river.optim.sgd.SGD",
        "river.stats.mean.Mean",
        "river.stats.var.Var",
        "river.tree.nodes.branch.NumericBinaryBranch",
        "river.tree.splitter.ebst_splitter.EBSTNode",
        "river.tree.splitter.ebst_splitter.EBSTNode._update_estimator_univariate",
        "river.tree.splitter.tebst_splitter.TEBSTSplitter",
    }
)


class Tree(Model):
    """A Hoeffding tree (Domingos and Hulten, KDD 2000) whose leaves answer with their shares."""

    classes = CLASSIFIER_PARTS | {
        "river.tree.hoeffding_tree_classifier.HoeffdingTreeClassifier",
        "river.tree.nodes.branch.NumericBinaryBranch",
        "river.tree.nodes.htc_nodes.LeafMajorityClass",
    }

    def __init__(
        self, width: int, *, binary: bool = True, depth: int = MOST_DEPTH, grace: int = GRACE
    ) -> None:
        self.width = width
        self.labels = Labels.of(binary)
        self.model: Any = HoeffdingTreeClassifier(
            grace_period=grace, max_depth=depth, delta=1e-5, leaf_prediction="mc"
        )

    def predict(self, x: Row) -> Any:
        """P(True), or {class: P}."""
        return answer(self.labels, self.model.predict_proba_one(x))

    def learn(self, x: Row, label: Any) -> None:
        """Count it in its leaf, and split that when the evidence suffices."""
        number = self.labels.number(label)
        if number is not None:
            self.model.learn_one(x, number)

    def arrays(self) -> TreeArrays:
        """The tree of now."""
        classes = len(self.labels.names)
        return flatten(self.model._root, lambda node: shares(node and node.stats, classes))

    def parameters(self) -> Numbers:
        """What is exported."""
        return self.export()

    def export(self) -> Numbers:
        """The tree as arrays."""
        return {"kind": "trees", "classes": self.labels.names, "trees": [self.arrays().numbers()]}

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """How much each feature is asked (0..1), and the tree's size."""
        arrays = self.arrays()
        weights = importances([arrays], self.width)
        return {
            "features": dict(zip(features, weights, strict=True)),
            "nodes": len(arrays.feature),
        }


class AdaptiveTree(Tree):
    """A tree that replaces branches whose errors rise (Bifet and Gavaldà, IDA 2009).

    It answers from its main branches only, not from those that still grow beside them.
    """

    classes = CLASSIFIER_PARTS | ADWIN_CLASSES | {
        "river.tree.hoeffding_adaptive_tree_classifier.HoeffdingAdaptiveTreeClassifier",
        "river.tree.nodes.hatc_nodes.AdaLeafClassifier",
        "river.tree.nodes.hatc_nodes.AdaNumBinaryBranchClass",
    }  # fmt: skip

    def __init__(
        self, width: int, *, binary: bool = True, depth: int = MOST_DEPTH, grace: int = GRACE
    ) -> None:
        super().__init__(width, binary=binary)
        self.model = HoeffdingAdaptiveTreeClassifier(
            grace_period=grace, max_depth=depth, delta=1e-5, leaf_prediction="mc", seed=SEED
        )

    def predict(self, x: Row) -> Any:
        """P(True), or {class: P}: the shares of the leaf that a row falls into."""
        node = self.model._root
        while node is not None and hasattr(node, "children"):
            node = node.children[node.branch_no(x)]
        found = shares(node and node.stats, len(self.labels.names))
        return answer(self.labels, dict(enumerate(found)))


class RegressionTree(Model):
    """A Hoeffding tree whose leaves answer with their means; `log` as in `LeastSquares`."""

    classes = REGRESSOR_PARTS | {
        "river.tree.hoeffding_tree_regressor.HoeffdingTreeRegressor",
        "river.tree.nodes.htr_nodes.LeafMean",
    }

    def __init__(
        self, width: int, *, log: bool = True, depth: int = MOST_DEPTH, grace: int = GRACE
    ) -> None:
        self.width, self.log = width, log
        self.model: Any = HoeffdingTreeRegressor(
            grace_period=grace,
            max_depth=depth,
            delta=1e-4,
            leaf_prediction="mean",
            splitter=TEBSTSplitter(digits=DIGITS),
        )

    def predict(self, x: Row) -> float:
        """The number expected, in the label's unit."""
        value = float(self.model.predict_one(x))
        return unlogged(value) if self.log else value

    def learn(self, x: Row, label: float) -> None:
        """Count it in its leaf, and split that when the evidence suffices."""
        self.model.learn_one(x, logged(label) if self.log else label)

    def parameters(self) -> Numbers:
        """What is exported."""
        return self.export()

    def export(self) -> Numbers:
        """The tree as arrays."""
        arrays = flatten(self.model._root, mean_of)
        return {"kind": "tree_regression", "trees": [arrays.numbers()], "log": self.log}


def mean_of(node: Any) -> list[float]:
    """What a node of a regression tree answers."""
    return [float(node.stats.mean.get())] if node is not None else [0.0]
