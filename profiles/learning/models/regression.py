"""Linear regression over standardized features, for questions of how much."""

import math
from typing import Any

from river.linear_model import LinearRegression, PARegressor
from river.optim import SGD

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.linear import VECTOR
from profiles.learning.models.scaled import Scaled

HIGHEST_LOG = 30.0  # nothing is expected to be worth more than exp(30)
STEEPEST = 10.0  # one order of a wholesaler moves the weights no further


class LeastSquares(Scaled):
    """Linear regression (river) by stochastic gradient descent with clipped gradients.

    With `log`, the model learns log1p of the label and answers with expm1: for amounts, whose
    relative error counts.
    """

    classes = Scaled.classes | {
        "river.linear_model.lin_reg.LinearRegression",
        "river.optim.sgd.SGD",
        "river.optim.schedulers.Constant",
        "river.optim.initializers.Zeros",
        "river.optim.losses.Squared",
        VECTOR,
    }

    def __init__(self, width: int, rate: float = 0.01, *, log: bool = True) -> None:
        super().__init__(width)
        self.log = log
        self.model: Any = LinearRegression(
            SGD(rate), intercept_lr=rate, clip_gradient=STEEPEST if log else 1e12
        )

    def predict(self, x: Row) -> float:
        """The number expected, in the label's unit."""
        value = float(self.model.predict_one(self.scaled(x)))
        return unlogged(value) if self.log else value

    def learn(self, x: Row, label: float) -> None:
        """One step down the gradient."""
        self.model.learn_one(self.scaled(x), logged(label) if self.log else label)

    def export(self) -> Numbers:
        """Means, variances, weights and intercept."""
        weights = self.model.weights
        return {
            "kind": "linear_regression",
            **self.scale(),
            "weights": [float(weights.get(i, 0.0)) for i in range(self.width)],
            "intercept": float(self.model.intercept),
            "log": self.log,
        }

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Weights per standard deviation."""
        return {"features": dict(zip(features, self.export()["weights"], strict=True))}


class PassiveAggressiveRegression(LeastSquares):
    """Moves as little as brings the error below `tolerance` (Crammer et al., JMLR 2006, PA-I)."""

    classes = Scaled.classes

    def __init__(
        self, width: int, c: float = 0.01, tolerance: float = 0.1, *, log: bool = True
    ) -> None:
        super().__init__(width, log=log)
        made = PARegressor(C=c, mode=1, eps=tolerance)  # type: ignore[no-untyped-call]  # river's
        self.model = made

    def state(self) -> State:
        """Scaler, weights and intercept: the object itself holds a bound method."""
        weights = {position: float(weight) for position, weight in self.model.weights.items()}
        return {
            "scaler": self.scaler,
            "weights": weights,
            "intercept": float(self.model.intercept),
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler = state["scaler"]
        self.model.weights.update(state["weights"])
        self.model.intercept = state["intercept"]


def logged(amount: float) -> float:
    """log1p, of negative amounts the negative one of their size.

    >>> round(unlogged(logged(-20.0)), 9)
    -20.0
    """
    return math.copysign(math.log1p(abs(amount)), amount)


def unlogged(value: float) -> float:
    """The inverse of `logged`, bounded."""
    return math.copysign(math.expm1(min(abs(value), HIGHEST_LOG)), value)
