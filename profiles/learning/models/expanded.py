"""What models that also look at squares and products of features share."""

from functools import cache

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Model, Row, State

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

MOST_DEVIATIONS = 8.0


class Expanded(Model):
    """Rows of `width` values, their squares and products, all standardized.

    Means and variances learn when a question is asked, the model when it is answered. The state is
    the numbers seen and the `arrays`, these as bytes: snapshots read back no objects that they need
    not.
    """

    arrays: tuple[str, ...] = ("means", "squares")

    def __init__(self, width: int) -> None:
        self.width = width
        self.size = width * (width + 3) // 2 + 1  # features, squares and products, intercept
        self.seen = 0
        self.means, self.squares = np.zeros(self.size - 1), np.zeros(self.size - 1)

    def observe(self, x: Row) -> None:
        """Let the means and variances learn (Welford, 1962)."""
        values = self._expanded(x)
        self.seen += 1
        deviations = values - self.means
        self.means = self.means + deviations / self.seen
        self.squares = self.squares + deviations * (values - self.means)

    def standardized(self, x: Row) -> Vector:
        """Standardized values and a 1 for the intercept; 0 where nothing has varied yet."""
        spread = np.sqrt(self.squares / max(self.seen, 1))
        spread[spread == 0] = np.inf
        z = np.ones(self.size)
        z[:-1] = (self._expanded(x) - self.means) / spread
        return np.minimum(np.maximum(z, -MOST_DEVIATIONS), MOST_DEVIATIONS)

    def _expanded(self, x: Row) -> Vector:
        values = np.fromiter(x.values(), float, self.width)
        left, right = _pairs(self.width)  # as `expanded`, which takes longer for one row
        return np.concatenate((values, values[left] * values[right]))

    def state(self) -> State:
        """Plain numbers and bytes."""
        return {"seen": self.seen} | {name: getattr(self, name).tobytes() for name in self.arrays}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.seen = state["seen"]
        for name in self.arrays:
            shape = getattr(self, name).shape
            setattr(self, name, np.frombuffer(state[name]).reshape(shape))


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
