"""How good a binary classifier is."""

import math
from typing import ClassVar

from profiles.learning.metrics import curves
from profiles.learning.metrics.auc import BinnedAuc, WindowedAuc
from profiles.learning.metrics.calibration import Calibration
from profiles.learning.model import Numbers, State

SCORE_BINS = 1_000
HALF = SCORE_BINS // 2  # scores from this bin on are 0.5 and more
WINDOW = 2_000
FLOOR = 1e-6  # probabilities closer to 0 or 1 count as this: one sure mistake costs at most 13.8


class BinaryMetrics:
    """Ranking, calibration, log loss and decisions at one half; `recent` is the last WINDOW."""

    headline: ClassVar[str] = "auc"

    def __init__(self) -> None:
        self.auc = BinnedAuc(SCORE_BINS)
        self.recent = WindowedAuc(SCORE_BINS, WINDOW)
        self.calibration = Calibration()
        self.n = 0
        self.loss = 0.0

    def update(self, prediction: float, label: bool) -> None:
        """Count one example: the probability of True, and what it was."""
        score_bin = min(int(prediction * SCORE_BINS), SCORE_BINS - 1)
        self.auc.add(score_bin, label)
        self.recent.add(score_bin, label)
        self.calibration.update(prediction, label)
        self.loss -= math.log(max(prediction if label else 1.0 - prediction, FLOOR))
        self.n += 1

    def values(self) -> Numbers:
        """All figures; None where nothing can be said yet."""
        table = curves.confusion(*self.auc.histograms, HALF)
        return {
            "n": self.n,
            "base_rate": curves.share(sum(table[1]), self.n),
            **_ranking(self.auc),
            "auc_error": self.auc.error(),
            "log_loss": curves.share(self.loss, self.n),
            **curves.decisions(table),
            "calibration_error": self.calibration.error(),
            "confusion": table,
            "reliability": self.calibration.points(),
            "roc": curves.roc_points(*self.auc.histograms),
            **self._recent_values(),
        }

    def _recent_values(self) -> Numbers:
        recent = self.recent.auc
        decisions = curves.decisions(curves.confusion(*recent.histograms, HALF))
        figures = {**_ranking(recent), **decisions}
        return {f"{name}_recent": value for name, value in figures.items()}

    def quality(self) -> float | None:
        """The AUC of the last WINDOW examples."""
        return self.recent.auc.value()

    def state(self) -> State:
        """Plain containers."""
        return {
            "auc": self.auc.state(),
            "recent": self.recent.state(),
            "calibration": self.calibration.state(),
            "n": self.n,
            "loss": self.loss,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on fresh metrics."""
        self.auc.restore(state["auc"])
        self.recent.restore(state["recent"])
        self.calibration.restore(state["calibration"])
        self.n, self.loss = state["n"], state["loss"]


def _ranking(auc: BinnedAuc) -> Numbers:
    return {"auc": auc.value(), "average_precision": curves.average_precision(*auc.histograms)}
