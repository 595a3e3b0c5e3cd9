"""How much, of amounts that are often nothing and sometimes much: recursive regressions."""

import math
from typing import ClassVar

import numpy as np

from profiles.learning.model import Numbers, Row
from profiles.learning.models.expanded import Expanded
from profiles.learning.models.kalman import filtered

FORGETTING = 0.9995  # a memory of about 2,000 answers
ONLY_LEARNING = ("root", "usual")
SCALE_RATE = 0.01  # of the usual error, that of about the last 100 answers


class RecursiveLeastSquares(Expanded):
    """The square root of an amount by features, their squares and products, with forgetting.

    Recursive least squares (Plackett, 1950) need no rate. The root tames large amounts as a
    logarithm does, but leaves "nothing" near a little: half of the customers spend nothing, and
    what a logarithm expects of them all is worth little (docs/learning.md).
    """

    arrays: tuple[str, ...] = ("means", "squares", "weights", "root")

    prior: ClassVar[float] = 0.1
    """Variance of a weight of which nothing is known, in units of the answers' variance."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.weights = np.zeros(self.size)
        self.root = np.eye(self.size) * math.sqrt(self.prior)  # of the covariance of the weights

    def predict(self, x: Row) -> float:
        """The amount expected, 0 or more, in the label's unit."""
        return max(float(self.weights @ self.standardized(x)), 0.0) ** 2

    def learn(self, x: Row, label: float) -> None:
        """One step for an amount of 0 or more."""
        z = self.standardized(x)
        error = math.sqrt(label) - float(self.weights @ z)
        information = self._information(error)
        self.root, gain, total = filtered(self.root, z, information, FORGETTING, self.prior)
        self.weights = self.weights + gain * (information * error / total)

    def _information(self, error: float) -> float:
        """How much an answer says, 0..1, that is so far from what was expected (a root)."""
        return 1.0

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
        """What scoring needs of it: all but what learning needs."""
        return {name: each for name, each in self.parameters().items() if name not in ONLY_LEARNING}


class RecursiveLeastDeviations(RecursiveLeastSquares):
    """The same in the middle of what may come: an answer far off pulls no harder than a usual one.

    Each is weighted by usual error / |error|, at most 1 (Huber, "Robust estimation of
    a location parameter", 1964), which makes absolute errors of squares. Better where most answers
    are nothing; where they are not, large customers are underestimated.
    """

    arrays = (*RecursiveLeastSquares.arrays, "usual")
    prior = 1.0  # answers weigh less, so it starts less sure of its zeros

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.usual = np.ones(1)  # error of roots, an exponential mean of its size

    def _information(self, error: float) -> float:
        size = abs(error)
        self.usual = self.usual + SCALE_RATE * (size - self.usual)
        usual = float(self.usual[0])
        return 1.0 if size <= usual else usual / size

    def parameters(self) -> Numbers:
        """Those of least squares, and the usual error."""
        return {**super().parameters(), "usual": self.usual.tolist()}
