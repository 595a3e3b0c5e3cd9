"""How much, of amounts that are often nothing and sometimes much: recursive least squares."""

import math

import numpy as np

from profiles.learning.model import Numbers, Row
from profiles.learning.models.expanded import Expanded, filtered

FORGETTING = 0.9995  # a memory of about 2,000 answers
PRIOR = 0.1  # variance of a weight of which nothing is known, in units of the answers' variance


class RecursiveLeastSquares(Expanded):
    """The square root of an amount by features, their squares and products, with forgetting.

    Recursive least squares (Plackett, 1950) need no rate. The root tames large amounts as a
    logarithm does, but leaves "nothing" near a little: half of the customers spend nothing, and
    what a logarithm expects of them all is worth little (docs/learning.md).
    """

    arrays = ("means", "squares", "weights", "root")

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.weights = np.zeros(self.size)
        self.root = np.eye(self.size) * math.sqrt(PRIOR)  # of the covariance of the weights

    def predict(self, x: Row) -> float:
        """The amount expected, 0 or more, in the label's unit."""
        return max(float(self.weights @ self.standardized(x)), 0.0) ** 2

    def learn(self, x: Row, label: float) -> None:
        """One step for an amount of 0 or more."""
        z = self.standardized(x)
        self.root, gain, total = filtered(self.root, z, 1.0, FORGETTING, PRIOR)
        self.weights = self.weights + gain * ((math.sqrt(label) - float(self.weights @ z)) / total)

    def parameters(self) -> Numbers:
        """Means, variances and weights, the intercept last."""
        return {
            "kind": "recursive",
            "means": self.means.tolist(),
            "variances": (self.squares / max(self.seen, 1)).tolist(),
            "weights": self.weights.tolist(),
            "root": self.root.tolist(),
        }

    def export(self) -> Numbers:
        """What scoring needs of it: all but the root."""
        return {name: value for name, value in self.parameters().items() if name != "root"}
