"""Softmax regression: one linear model for each class, sharing their probability."""

from typing import Any

from river.linear_model import SoftmaxRegression
from river.optim import SGD

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.scaled import LABELS, Labels, Scaled, answer


class Softmax(Scaled):
    """Multinomial logistic regression (river) with a constant rate; classes appear as they come.

    The features get a constant 1 beside them, so that each class has an intercept.
    """

    classes = Scaled.classes | {LABELS}

    def __init__(self, width: int, rate: float = 0.05, *, binary: bool = False) -> None:
        super().__init__(width)
        self.labels = Labels.of(binary)
        self.model: Any = SoftmaxRegression(SGD(rate))

    def _row(self, x: Row) -> Row:
        return {**self.scaled(x), self.width: 1.0}

    def predict(self, x: Row) -> Any:
        """{class: P}, or P(True)."""
        return answer(self.labels, self.model.predict_proba_one(self._row(x)))

    def learn(self, x: Row, label: Any) -> None:
        """One step down the gradient of every class seen so far."""
        number = self.labels.number(label)
        if number is not None:
            self.model.learn_one(self._row(x), number)

    def state(self) -> State:
        """Scaler, classes and weights: the object itself holds functions."""
        weights = {label: dict(row) for label, row in self.model.weights.items()}
        return {"scaler": self.scaler, "labels": self.labels, "weights": weights}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.labels = state["scaler"], state["labels"]
        for label, row in state["weights"].items():
            self.model.weights[label].update(row)

    def export(self) -> Numbers:
        """Means, variances, and a row of weights for each class, its intercept last."""
        positions = range(self.width + 1)
        numbers = sorted(self.model.weights)
        return {
            "kind": "softmax",
            **self.scale(),
            "classes": [self.labels.names[number] for number in numbers],
            "weights": [[self.model.weights[n].get(i, 0.0) for i in positions] for n in numbers],
        }
