"""How good a binary classifier is, measured on every example before it is learnt from.

Progressive validation: Blum, Kalai and Langford, "Beating the hold-out", COLT 1999.
"""

import math

from profiles.learning.auc import BinnedAuc, WindowedAuc
from profiles.learning.task import Numbers, State

SCORE_BINS = 1_000
RULE_BINS = 366  # the rule scores in whole days, so its AUC is exact
WINDOW = 2_000
FLOOR = 1e-6  # probabilities closer to 0 or 1 count as this: one sure mistake costs at most 13.8


class BinaryMetrics:
    """Figures of a model, and of a one-feature rule on the same examples."""

    def __init__(self) -> None:
        self.auc = BinnedAuc(SCORE_BINS)
        self.recent = WindowedAuc(SCORE_BINS, WINDOW)
        self.rule = BinnedAuc(RULE_BINS)
        self.confusion = [[0, 0], [0, 0]]  # [label][predicted]
        self.loss = 0.0

    def update(self, probability: float, rule: int, label: bool) -> None:
        """Count one answered example.

        `probability` of the positive class as it was when the question was asked; `rule` the
        one-feature rule's score then, in whole units.
        """
        score_bin = min(int(probability * SCORE_BINS), SCORE_BINS - 1)
        self.auc.add(score_bin, label)
        self.recent.add(score_bin, label)
        self.rule.add(min(rule, RULE_BINS - 1), label)
        self.confusion[label][probability >= 0.5] += 1
        self.loss -= math.log(max(probability if label else 1.0 - probability, FLOOR))

    def values(self) -> Numbers:
        """All figures; None where nothing can be said yet."""
        (true_negatives, false_positives), (false_negatives, true_positives) = self.confusion
        n = sum(map(sum, self.confusion))
        return {
            "n": n,
            "base_rate": _share(true_positives + false_negatives, n),
            "auc": self.auc.value(),
            "auc_error": self.auc.error(),
            "auc_recent": self.recent.auc.value(),
            "auc_rule": self.rule.value(),
            "log_loss": _share(self.loss, n),
            "accuracy": _share(true_positives + true_negatives, n),
            "f1": _share(
                2 * true_positives, 2 * true_positives + false_positives + false_negatives
            ),
        }

    def state(self) -> State:
        """Plain containers."""
        return {
            "auc": self.auc.state(),
            "recent": self.recent.state(),
            "rule": self.rule.state(),
            "confusion": self.confusion,
            "loss": self.loss,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on fresh metrics."""
        self.auc.restore(state["auc"])
        self.recent.restore(state["recent"])
        self.rule.restore(state["rule"])
        self.confusion, self.loss = state["confusion"], state["loss"]


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
