"""How good predicted numbers are."""

import math
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import ClassVar

from profiles.learning.metrics.curves import share
from profiles.learning.model import Numbers, State

WINDOW = 2_000


class RegressionMetrics:
    """Mean absolute error, root mean squared error and R², in the unit of the label.

    >>> metrics = RegressionMetrics()
    >>> for predicted, label in (1.0, 1.0), (2.0, 4.0): metrics.update(predicted, label)
    >>> values = metrics.values()
    >>> values["mae"], round(values["r2"], 3)
    (1.0, 0.111)
    """

    headline: ClassVar[str] = "mae"

    def __init__(self) -> None:
        self.n = 0
        self.absolute = self.squared = 0.0
        self.mean = self.deviation = 0.0  # of the labels; the deviation is a sum of squares
        self.recent: deque[tuple[float, float]] = deque(maxlen=WINDOW)

    def update(self, prediction: float, label: float) -> None:
        """Count one example (Welford, 1962, for the labels' deviation)."""
        error = prediction - label
        self.n += 1
        self.absolute += abs(error)
        self.squared += error * error
        gap = label - self.mean
        self.mean += gap / self.n
        self.deviation += gap * (label - self.mean)
        self.recent.append((prediction, label))

    def values(self) -> Numbers:
        """All figures; None where nothing can be said yet."""
        figures = _figures(self.n, self.absolute, self.squared, self.deviation)
        recent = _recent_figures(self.recent)
        return {
            "n": self.n,
            **figures,
            **{f"{name}_recent": value for name, value in recent.items()},
            "skill_recent": self.quality(),
        }

    def quality(self) -> float | None:
        """How much better than always saying the window's median: 1 is perfect, 0 no better.

        1 - sum |error| / sum |label - median|: free of the label's unit, and one large order does
        not decide it as it decides R².
        """
        if not self.recent:
            return None
        middle = median(label for _, label in self.recent)
        worst = math.fsum(abs(label - middle) for _, label in self.recent)
        error = math.fsum(abs(predicted - label) for predicted, label in self.recent)
        return 1.0 - error / worst if worst else None

    def state(self) -> State:
        """Plain containers."""
        return {**vars(self), "recent": list(self.recent)}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)
        self.recent = deque(state["recent"], maxlen=WINDOW)


def _recent_figures(pairs: Sequence[tuple[float, float]]) -> Numbers:
    errors = [predicted - label for predicted, label in pairs]
    mean = math.fsum(label for _, label in pairs) / len(pairs) if pairs else 0.0
    return _figures(
        len(pairs),
        math.fsum(map(abs, errors)),
        math.fsum(error * error for error in errors),
        math.fsum((label - mean) ** 2 for _, label in pairs),
    )


def _figures(n: int, absolute: float, squared: float, deviation: float) -> Numbers:
    return {
        "mae": share(absolute, n),
        "rmse": math.sqrt(squared / n) if n else None,
        "r2": 1.0 - squared / deviation if deviation else None,
    }
