"""Ensembles: many models that have seen the same examples differently."""

from typing import Any

from river.ensemble import BaggingClassifier
from river.forest import ARFClassifier
from river.linear_model import LogisticRegression
from river.optim import SGD

from profiles.learning.model import Numbers, Row
from profiles.learning.models.linear import Logistic
from profiles.learning.models.scaled import Labels, Scaled, answer
from profiles.learning.models.tree_arrays import flatten, importances, shares
from profiles.learning.models.trees import ADWIN_CLASSES, CLASSIFIER_PARTS, MOST_DEPTH, SEED, Tree

TREES = 10
BAGS = 10


class AdaptiveForest(Tree):
    """An adaptive random forest (Gomes et al., Machine Learning 2017).

    Trees on random features and resampled examples; one whose errors rise is replaced. Votes weigh
    as much as their tree has been right.
    """

    classes = CLASSIFIER_PARTS | ADWIN_CLASSES | {
        "builtins.int",
        "functools.partial",
        "river.forest.adaptive_random_forest.ARFClassifier",
        "river.forest.adaptive_random_forest.BaseTreeClassifier",
        "river.metrics.accuracy.Accuracy",
        "river.metrics.confusion.ConfusionMatrix",
        "river.tree.nodes.arf_htc_nodes.RandomLeafMajorityClass",
        "river.tree.nodes.branch.NumericBinaryBranch",
    }  # fmt: skip

    def __init__(
        self,
        width: int,
        *,
        binary: bool = True,
        trees: int = TREES,
        depth: int = MOST_DEPTH,
        rate: int = 6,
    ) -> None:
        super().__init__(width, binary=binary)
        self.model = ARFClassifier(
            n_models=trees, max_depth=depth, lambda_value=rate, leaf_prediction="mc", seed=SEED
        )

    def export(self) -> Numbers:
        """Every tree as arrays, and the weight of its vote."""
        return {
            "kind": "trees",
            "classes": self.labels.names,
            "trees": [each.numbers() for each in self._forest()],
            "votes": [float(metric.get()) or 1.0 for metric in self.model._metrics],
        }

    def _forest(self) -> list[Any]:
        classes = len(self.labels.names)
        return [
            flatten(tree._root, lambda node: shares(node and node.stats, classes))
            for tree in self.model.data
        ]

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """How much each feature is asked, 0..1, and the size of the forest."""
        forest = self._forest()
        weights = importances(forest, self.width)
        return {
            "features": dict(zip(features, weights, strict=True)),
            "nodes": sum(len(tree.feature) for tree in forest),
        }


class Bagging(Scaled):
    """Logistic regressions on resampled examples, averaged (Oza and Russell, 2001)."""

    classes = Logistic.classes | {"random.Random", "river.ensemble.bagging.BaggingClassifier"}

    def __init__(self, width: int, rate: float = 0.01, models: int = BAGS) -> None:
        super().__init__(width)
        self.model: Any = BaggingClassifier(LogisticRegression(SGD(rate)), models, seed=SEED)

    def predict(self, x: Row) -> float:
        """P(True)."""
        by_label = self.model.predict_proba_one(self.scaled(x))
        return float(answer(Labels.of(binary=True), by_label))

    def learn(self, x: Row, label: bool) -> None:
        """Each model learns it none, one or several times."""
        self.model.learn_one(self.scaled(x), label)

    def export(self) -> Numbers:
        """Means, variances, and weights and intercept of each model."""
        positions = range(self.width)
        weights = [each.weights for each in self.model]
        return {
            "kind": "bagging",
            **self.scale(),
            "weights": [[float(row.get(i, 0.0)) for i in positions] for row in weights],
            "intercepts": [float(each.intercept) for each in self.model],
        }

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Mean weights per standard deviation."""
        columns = zip(*self.export()["weights"], strict=True)
        means = [sum(column) / len(column) for column in columns]
        return {"features": dict(zip(features, means, strict=True))}
