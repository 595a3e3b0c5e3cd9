"""Two logistic regressions that answer together: one plain and nimble, one rich and steady."""

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Model, Numbers, Row, State

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

RATE = 0.01
FORGETTING = 0.9995  # the memory of the second is about 2,000 answers
PRIOR = 0.3  # variance of a weight of which nothing is known
MOST_DEVIATIONS = 8.0
LEAST_INFORMATION = 1e-4
ARRAYS = ("means", "squares", "plain", "rich", "root")


class Blend(Model):
    """P(True), the mean of two models of the same standardized features.

    The first is linear and goes down the gradient at a constant rate. The second also sees squares
    and products of the features; it is a recursive logistic regression with forgetting, which
    knows the covariance of its weights (McCormick, Raftery, Madigan and Burd, "Dynamic logistic
    regression and dynamic model averaging", Biometrics 2012). They err differently: their mean was
    better than either wherever it was tried (docs/learning.md).

    No weight's variance grows beyond PRIOR, so a feature that never varies does no harm.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        size = width * (width + 3) // 2 + 1  # features, squares and products, intercept
        self.seen = 0
        self.means, self.squares = np.zeros(size - 1), np.zeros(size - 1)
        self.plain = np.zeros(width + 1)  # intercept last
        self.rich = np.zeros(size)
        self.root = np.eye(size) * math.sqrt(PRIOR)  # of the covariance of the rich one's weights

    def observe(self, x: Row) -> None:
        """Let the means and variances learn (Welford, 1962)."""
        values = self._expanded(x)
        self.seen += 1
        deviations = values - self.means
        self.means = self.means + deviations / self.seen
        self.squares = self.squares + deviations * (values - self.means)

    def predict(self, x: Row) -> float:
        """P(True)."""
        z = self._standardized(x)
        plain, rich = float(self.plain @ self._of_plain(z)), float(self.rich @ z)
        return (_sigmoid(plain) + _sigmoid(rich)) / 2

    def learn(self, x: Row, label: bool) -> None:
        """One step of each."""
        z = self._standardized(x)
        own = self._of_plain(z)
        self.plain = self.plain - RATE * (_sigmoid(float(self.plain @ own)) - label) * own
        self._filter(z, label)

    def _filter(self, z: Vector, label: bool) -> None:
        """Update the second as an extended Kalman filter: forget a little, then take in.

        By Potter's square root of the covariance (Bierman, 1977), which rounding cannot make
        negative: a covariance that was itself updated broke within 69,000 answers (CDNOW).
        """
        variances = np.einsum("ij,ij->i", self.root, self.root)
        root = self.root * np.minimum(FORGETTING**-0.5, np.sqrt(PRIOR / variances))[:, None]
        probability = _sigmoid(float(self.rich @ z))
        information = max(probability * (1 - probability), LEAST_INFORMATION)
        seen = z @ root
        gain = root @ seen
        total = 1 + information * float(seen @ seen)
        self.root = root - np.outer(gain, seen) * (information / (total + math.sqrt(total)))
        self.rich = self.rich + gain * ((label - probability) / total)

    def _expanded(self, x: Row) -> Vector:
        row: Vector = expanded(np.fromiter(x.values(), float, self.width)[None])[0]
        return row

    def _standardized(self, x: Row) -> Vector:
        """Standardized values and a 1 for the intercept; 0 where nothing has varied yet."""
        spread = np.sqrt(self.squares / max(self.seen, 1))
        spread[spread == 0] = np.inf
        z = (self._expanded(x) - self.means) / spread
        return np.append(np.clip(z, -MOST_DEVIATIONS, MOST_DEVIATIONS), 1.0)

    def _of_plain(self, z: Vector) -> Vector:
        return np.append(z[: self.width], 1.0)

    def state(self) -> State:
        """Arrays as bytes: snapshots read back no objects that they need not."""
        return {"seen": self.seen} | {name: getattr(self, name).tobytes() for name in ARRAYS}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.seen = state["seen"]
        for name in ARRAYS:
            shape = getattr(self, name).shape
            setattr(self, name, np.frombuffer(state[name]).reshape(shape))

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


def expanded(rows: Matrix) -> Matrix:
    """Append squares and products of columns: (n, width) -> (n, width * (width + 3) / 2).

    >>> expanded(np.array([[2.0, 3.0]])).tolist()
    [[2.0, 3.0, 4.0, 6.0, 9.0]]
    """
    left, right = _pairs(rows.shape[1])
    return np.concatenate((rows, rows[:, left] * rows[:, right]), axis=1)


@cache
def _pairs(width: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return np.triu_indices(width)


def _sigmoid(value: float) -> float:
    """Logistic function of any float.

    >>> _sigmoid(0.0), _sigmoid(-1e9)
    (0.5, 0.0)
    """
    return 0.5 * (1 + math.tanh(value / 2))
