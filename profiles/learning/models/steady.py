"""A linear logistic regression that knows how sure it is of its weights, and so needs no rate."""

import math

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.kalman import logistic_step, sigmoid
from profiles.learning.models.scaled import Scaled

FORGETTING = 0.9995  # a memory of about 2,000 answers
PRIOR = 0.3  # variance of a weight of which nothing is known


class SteadyLogistic(Scaled):
    """Recursive logistic regression with forgetting, of the features alone.

    The same as the rich half of `blend.Blend` without squares and products (McCormick, Raftery,
    Madigan and Burd, Biometrics 2012): of few answers it says less than that one, but errs less.
    """

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.weights = np.zeros(width + 1)  # intercept last
        self.root = np.eye(width + 1) * math.sqrt(PRIOR)  # of the covariance of the weights

    def predict(self, x: Row) -> float:
        """P(True)."""
        return sigmoid(float(self.weights @ self._inputs(x)))

    def learn(self, x: Row, label: bool) -> None:
        """One step of an extended Kalman filter."""
        self.weights, self.root = logistic_step(
            self.weights, self.root, self._inputs(x), label, FORGETTING, PRIOR
        )

    def _inputs(self, x: Row) -> npt.NDArray[np.float64]:
        scaled = self.scaled(x)
        return np.array([*(scaled[position] for position in range(self.width)), 1.0])

    def state(self) -> State:
        """Scaler, weights and root as plain lists."""
        return {
            "scaler": self.scaler,
            "weights": self.weights.tolist(),
            "root": self.root.tolist(),
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler = state["scaler"]
        self.weights, self.root = np.array(state["weights"]), np.array(state["root"])

    def parameters(self) -> Numbers:
        """What is exported, and the root."""
        return {**self.export(), "root": self.root.tolist()}

    def export(self) -> Numbers:
        """Means, variances, weights and intercept."""
        return {
            "kind": "linear",
            **self.scale(),
            "weights": self.weights[:-1].tolist(),
            "intercept": float(self.weights[-1]),
        }

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Weights per standard deviation; positive ones speak for True."""
        return {"features": dict(zip(features, self.weights[:-1].tolist(), strict=True))}
