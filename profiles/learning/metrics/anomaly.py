"""How strange events are, on the whole: quantiles of anomaly scores."""

from collections import deque
from typing import ClassVar

from profiles.learning.metrics.curves import share
from profiles.learning.model import Numbers, State

BINS = 1_000
WINDOW = 2_000
QUANTILES = {"median": 0.5, "p95": 0.95, "p99": 0.99}


class AnomalyMetrics:
    """Quantiles of the scores (0..1, to a thousandth), all and of the last WINDOW.

    >>> metrics = AnomalyMetrics()
    >>> for score in (0.1, 0.2, 0.9): metrics.update(score)
    >>> metrics.values()["median"]
    0.2
    """

    headline: ClassVar[str] = "p99"

    def __init__(self) -> None:
        self.histogram = [0] * BINS
        self.recent: deque[int] = deque(maxlen=WINDOW)

    @property
    def n(self) -> int:
        """Scores counted."""
        return sum(self.histogram)

    def update(self, prediction: float, label: object = None) -> None:
        """Count one score, 0..1."""
        place = min(max(int(prediction * BINS), 0), BINS - 1)
        self.histogram[place] += 1
        self.recent.append(place)

    def values(self) -> Numbers:
        """n and quantiles; None before the first score."""
        recent = [0] * BINS
        for place in self.recent:
            recent[place] += 1
        return {
            "n": self.n,
            **{name: _quantile(self.histogram, q) for name, q in QUANTILES.items()},
            **{f"{name}_recent": _quantile(recent, q) for name, q in QUANTILES.items()},
        }

    def quality(self) -> float | None:
        """How far the strangest hundredth of the window stands out from its median, 0..1."""
        recent = self.values()
        if recent["p99_recent"] is None:
            return None
        return float(recent["p99_recent"] - recent["median_recent"])

    def state(self) -> State:
        """Plain lists."""
        return {"histogram": self.histogram, "recent": list(self.recent)}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.histogram = state["histogram"]
        self.recent = deque(state["recent"], maxlen=WINDOW)


def _quantile(histogram: list[int], q: float) -> float | None:
    """The lower edge of the bin below or in which a share `q` of the scores lies."""
    n, seen = sum(histogram), 0
    for place, count in enumerate(histogram):
        seen += count
        if n and seen >= q * n:
            return share(place, BINS)
    return None
