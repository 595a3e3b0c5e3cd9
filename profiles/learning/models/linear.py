"""Linear models over standardized features, for questions of yes or no."""

from collections.abc import Callable
from functools import partial
from typing import Any

from river.linear_model import LogisticRegression, PAClassifier
from river.optim import SGD, AdaGrad, Adam, FTRLProximal
from river.optim.losses import Hinge as HingeLoss

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.scaled import Scaled

VECTOR = "river._river_rust.vectordict.VectorDict"
_GLM = frozenset(
    {
        *Scaled.classes,
        "river.linear_model.log_reg.LogisticRegression",
        "river.optim.schedulers.Constant",
        "river.optim.initializers.Zeros",
        VECTOR,
    }
)


class Logistic(Scaled):
    """Scaled logistic regression (river), trained by stochastic gradient descent.

    The rate is constant, so that it follows a shop that changes.
    """

    classes = _GLM | {"river.optim.sgd.SGD", "river.optim.losses.Log"}
    optimizer: Callable[[float], Any] = SGD
    loss: Callable[[], Any] | None = None

    def __init__(self, width: int, rate: float = 0.01, l2: float = 0.0) -> None:
        super().__init__(width)
        optimizer, loss = type(self).optimizer(rate), type(self).loss
        self.model: Any = LogisticRegression(optimizer, loss=loss() if loss else None, l2=l2)

    def predict(self, x: Row) -> float:
        """P(True)."""
        probability: float = self.model.predict_proba_one(self.scaled(x))[True]
        return probability

    def learn(self, x: Row, label: bool) -> None:
        """One step down the gradient."""
        self.model.learn_one(self.scaled(x), label)

    def export(self) -> Numbers:
        """Means, variances, weights and intercept."""
        weights = self.model.weights
        return {
            "kind": "linear",
            **self.scale(),
            "weights": [float(weights.get(i, 0.0)) for i in range(self.width)],
            "intercept": float(self.model.intercept),
        }

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """Weights per standard deviation; positive ones speak for True."""
        return {"features": dict(zip(features, self.export()["weights"], strict=True))}


class AdaptiveLogistic(Logistic):
    """The same with a rate for each weight: AdaGrad (Duchi, Hazan and Singer, JMLR 2011)."""

    classes = _GLM | {"river.optim.ada_grad.AdaGrad", "river.optim.losses.Log"}
    optimizer = AdaGrad

    def __init__(self, width: int, rate: float = 0.1, l2: float = 0.0) -> None:
        super().__init__(width, rate, l2)


class MomentLogistic(Logistic):
    """The same with moments of the gradients: Adam (Kingma and Ba, ICLR 2015)."""

    classes = _GLM | {"river.optim.adam.Adam", "river.optim.losses.Log"}
    optimizer = Adam


class Ftrl(Logistic):
    """Follow the regularized leader, which keeps useless weights at 0 (McMahan et al., KDD 2013).

    `rate` is the paper's alpha.
    """

    classes = _GLM | {"river.optim.ftrl.FTRLProximal", "river.optim.losses.Log"}
    optimizer = partial(FTRLProximal, l1=0.01, l2=0.0)

    def __init__(self, width: int, rate: float = 0.1) -> None:
        super().__init__(width, rate)


class Hinge(Logistic):
    """An online support vector machine: hinge loss and an L2 penalty (Pegasos, ICML 2007).

    Its margin is squashed to 0..1: it ranks, but is no calibrated probability.
    """

    classes = _GLM | {"river.optim.sgd.SGD", "river.optim.losses.Hinge"}
    loss = HingeLoss

    def __init__(self, width: int, rate: float = 0.01, l2: float = 1e-4) -> None:
        super().__init__(width, rate, l2)


class PassiveAggressive(Logistic):
    """Moves as little as corrects a mistake, at most `c` (Crammer et al., JMLR 2006, PA-I).

    Its margin is squashed to 0..1: it ranks, but is no calibrated probability.
    """

    classes = Scaled.classes

    def __init__(self, width: int, c: float = 0.01) -> None:
        super().__init__(width)
        self.model = PAClassifier(C=c, mode=1)  # type: ignore[no-untyped-call]  # river leaves it so

    def state(self) -> State:
        """Scaler, weights and intercept: the object itself holds a bound method."""
        return {
            "scaler": self.scaler,
            "weights": dict(self.model.weights),
            "intercept": self.model.intercept,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler = state["scaler"]
        self.model.weights.update(state["weights"])
        self.model.intercept = state["intercept"]
