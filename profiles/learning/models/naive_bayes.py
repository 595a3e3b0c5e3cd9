"""Gaussian naive Bayes: each feature speaks for itself."""

from typing import Any

from river.naive_bayes import GaussianNB

from profiles.learning.model import Model, Numbers, Row, State
from profiles.learning.models.scaled import LABELS, Labels, answer


class NaiveBayes(Model):
    """A normal distribution for each class and feature (river); needs no scaling."""

    classes = frozenset({LABELS})

    def __init__(self, width: int, *, binary: bool = True) -> None:
        self.width = width
        self.labels = Labels.of(binary)
        self.model: Any = GaussianNB()  # type: ignore[no-untyped-call]  # river leaves it so

    def predict(self, x: Row) -> Any:
        """P(True), or {class: P}."""
        return answer(self.labels, self.model.predict_proba_one(x))

    def learn(self, x: Row, label: Any) -> None:
        """Count it."""
        number = self.labels.number(label)
        if number is not None:
            self.model.learn_one(x, number)

    def _moments(self) -> dict[int, list[tuple[float, float, float]]]:
        """By class: n, mean and sum of squared deviations of each feature."""
        return {
            label: [
                (g._var.mean.n, g._var.mean._mean, g._var._S)
                for g in (self.model.gaussians[label][i] for i in range(self.width))
            ]
            for label in sorted(self.model.class_counts)
        }

    def state(self) -> State:
        """Counts and moments: the object itself holds functions."""
        counts = dict(self.model.class_counts)
        return {"labels": self.labels, "counts": counts, "moments": self._moments()}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.labels = state["labels"]
        self.model.class_counts.update(state["counts"])
        for label, rows in state["moments"].items():
            for position, (n, mean, squares) in enumerate(rows):
                variance = self.model.gaussians[label][position]._var
                variance.mean.n, variance.mean._mean, variance._S = n, mean, squares

    def parameters(self) -> Numbers:
        """What is exported."""
        return self.export()

    def export(self) -> Numbers:
        """Counts by class; means and variances by class and feature."""
        moments = self._moments()
        return {
            "kind": "naive_bayes",
            "classes": [self.labels.names[label] for label in moments],
            "counts": [self.model.class_counts[label] for label in moments],
            "class_means": [[mean for _, mean, _ in rows] for rows in moments.values()],
            "class_variances": [
                [s / n if n else 0.0 for n, _, s in rows] for rows in moments.values()
            ],
        }
