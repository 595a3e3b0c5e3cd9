"""Two logistic regressions that answer together: one plain and nimble, one rich and steady."""

import math

import numpy as np

from profiles.learning.model import Numbers, Row
from profiles.learning.models.expanded import Expanded, Vector
from profiles.learning.models.kalman import logistic_step, sigmoid

RATE = 0.01
FORGETTING = 0.9995  # the memory of the second is about 2,000 answers
PRIOR = 0.3  # variance of a weight of which nothing is known


class Blend(Expanded):
    """P(True), the mean of two models of the same standardized features.

    The first is linear and goes down the gradient at a constant rate. The second also sees squares
    and products of the features; it is a recursive logistic regression with forgetting, which
    knows the covariance of its weights (McCormick, Raftery, Madigan and Burd, "Dynamic logistic
    regression and dynamic model averaging", Biometrics 2012). They err differently: their mean was
    better than either wherever it was tried (docs/learning.md).
    """

    arrays = ("means", "squares", "plain", "rich", "root")

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.plain = np.zeros(width + 1)  # intercept last
        self.rich = np.zeros(self.size)
        # of the covariance of the rich one's weights
        self.root = np.eye(self.size) * math.sqrt(PRIOR)

    def predict(self, x: Row) -> float:
        """P(True)."""
        z = self.standardized(x)
        plain, rich = float(self.plain @ self._of_plain(z)), float(self.rich @ z)
        return (sigmoid(plain) + sigmoid(rich)) / 2

    def learn(self, x: Row, label: bool) -> None:
        """One step of each; of the second, of an extended Kalman filter."""
        z = self.standardized(x)
        own = self._of_plain(z)
        self.plain = self.plain - RATE * (sigmoid(float(self.plain @ own)) - label) * own
        self.rich, self.root = logistic_step(self.rich, self.root, z, label, FORGETTING, PRIOR)

    def _of_plain(self, z: Vector) -> Vector:
        return np.append(z[: self.width], 1.0)

    def parameters(self) -> Numbers:
        """Means, variances and the weights of both, intercepts last."""
        return {
            "kind": "blend",
            "means": self.means.tolist(),
            "variances": (self.squares / max(self.seen, 1)).tolist(),
            "plain": self.plain.tolist(),
            "rich": self.rich.tolist(),
            "root": self.root.tolist(),
        }

    def export(self) -> Numbers:
        """What scoring needs of it: all but the root."""
        return {name: value for name, value in self.parameters().items() if name != "root"}

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Weights of the plain one per standard deviation; positive ones speak for True."""
        return {"features": dict(zip(features, self.plain[:-1].tolist(), strict=True))}
