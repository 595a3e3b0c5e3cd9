"""Linear models over standardized features."""

from typing import Any

from river.linear_model import LogisticRegression
from river.optim import SGD
from river.preprocessing import StandardScaler

from profiles.learning.model import Model, Numbers, Row


class Logistic(Model):
    """Scaled logistic regression (river), trained by stochastic gradient descent.

    The rate is constant, so that it follows a shop that changes. The scaler learns when a question
    is asked, the weights when it is answered.
    """

    classes = frozenset(
        {
            "river.preprocessing.scale.StandardScaler",
            "river.linear_model.log_reg.LogisticRegression",
            "river.optim.sgd.SGD",
            "river.optim.schedulers.Constant",
            "river.optim.losses.Log",
            "river.optim.initializers.Zeros",
            "river._river_rust.vectordict.VectorDict",
        }
    )

    def __init__(self, width: int, rate: float = 0.01) -> None:
        self.width = width
        self.scaler: Any = StandardScaler()
        self.model: Any = LogisticRegression(SGD(rate))

    def observe(self, x: Row) -> None:
        """Let the scaler learn."""
        self.scaler.learn_one(x)

    def predict(self, x: Row) -> float:
        """P(True)."""
        probability: float = self.model.predict_proba_one(self.scaler.transform_one(x))[True]
        return probability

    def learn(self, x: Row, label: bool) -> None:
        """One step down the gradient."""
        self.model.learn_one(self.scaler.transform_one(x), label)

    def parameters(self) -> Numbers:
        """Means, variances, weights and intercept."""
        positions, weights = range(self.width), self.model.weights
        return {
            "kind": "linear",
            "means": [self.scaler.means[i] for i in positions],
            "variances": [self.scaler.vars[i] for i in positions],
            "weights": [weights.get(i, 0.0) for i in positions],
            "intercept": self.model.intercept,
        }

    def export(self) -> Numbers:
        """The same."""
        return self.parameters()

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Weights per standard deviation; positive ones speak for True."""
        return {"features": dict(zip(features, self.parameters()["weights"], strict=True))}
