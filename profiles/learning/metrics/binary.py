"""How good a binary classifier is."""

import math
from typing import ClassVar

from profiles.learning.metrics.auc import BinnedAuc, WindowedAuc
from profiles.learning.model import Numbers, State

SCORE_BINS = 1_000
WINDOW = 2_000
FLOOR = 1e-6  # probabilities closer to 0 or 1 count as this: one sure mistake costs at most 13.8


class BinaryMetrics:
    """Ranking, log loss and decisions at one half."""

    headline: ClassVar[str] = "auc"

    def __init__(self) -> None:
        self.auc = BinnedAuc(SCORE_BINS)
        self.recent = WindowedAuc(SCORE_BINS, WINDOW)
        self.confusion = [[0, 0], [0, 0]]  # [label][predicted]
        self.loss = 0.0

    @property
    def n(self) -> int:
        """Examples counted."""
        return sum(map(sum, self.confusion))

    def update(self, prediction: float, label: bool) -> None:
        """Count one example: the probability of True, and what it was."""
        score_bin = min(int(prediction * SCORE_BINS), SCORE_BINS - 1)
        self.auc.add(score_bin, label)
        self.recent.add(score_bin, label)
        self.confusion[label][prediction >= 0.5] += 1
        self.loss -= math.log(max(prediction if label else 1.0 - prediction, FLOOR))

    def values(self) -> Numbers:
        """All figures; None where nothing can be said yet."""
        (true_negatives, false_positives), (false_negatives, true_positives) = self.confusion
        n = self.n
        return {
            "n": n,
            "base_rate": _share(true_positives + false_negatives, n),
            "auc": self.auc.value(),
            "auc_error": self.auc.error(),
            "auc_recent": self.recent.auc.value(),
            "log_loss": _share(self.loss, n),
            "accuracy": _share(true_positives + true_negatives, n),
            "f1": _share(
                2 * true_positives, 2 * true_positives + false_positives + false_negatives
            ),
        }

    def quality(self) -> float | None:
        """The AUC of the last WINDOW examples."""
        return self.recent.auc.value()

    def state(self) -> State:
        """Plain containers."""
        return {
            "auc": self.auc.state(),
            "recent": self.recent.state(),
            "confusion": self.confusion,
            "loss": self.loss,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on fresh metrics."""
        self.auc.restore(state["auc"])
        self.recent.restore(state["recent"])
        self.confusion, self.loss = state["confusion"], state["loss"]


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
