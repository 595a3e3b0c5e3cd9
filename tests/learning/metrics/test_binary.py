"""Figures of binary classifiers equal what is computed from all examples at once."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.metrics.binary import SCORE_BINS, WINDOW, BinaryMetrics

# scores in the middle of bins, so that binning loses nothing
scored = st.lists(st.tuples(st.integers(0, SCORE_BINS - 1), st.booleans()), min_size=1, max_size=80)


def measured(pairs):
    metrics = BinaryMetrics()
    for place, label in pairs:
        metrics.update((place + 0.5) / SCORE_BINS, label)
    return metrics


def average_precision(scores, labels):
    """As scikit-learn defines it: sum of (R_n - R_(n-1)) P_n over thresholds."""
    total, found_before = 0.0, 0
    for cut in sorted(set(scores), reverse=True):
        taken = [label for score, label in zip(scores, labels, strict=True) if score >= cut]
        found = sum(taken)
        total += (found - found_before) / sum(labels) * found / len(taken)
        found_before = found
    return total


@given(scored)
def test_decisions_are_those_of_the_confusion_table(pairs):
    values = measured(pairs).values()
    predicted = np.array([place >= SCORE_BINS // 2 for place, _ in pairs])
    labels = np.array([label for _, label in pairs])
    hits = int((predicted & labels).sum())
    assert values["accuracy"] == pytest.approx((predicted == labels).mean())
    if predicted.any():
        assert values["precision"] == pytest.approx(hits / predicted.sum())
    if labels.any():
        assert values["recall"] == pytest.approx(hits / labels.sum())
    if labels.any() and not labels.all():
        recalls = [(predicted == labels)[labels == kind].mean() for kind in (False, True)]
        assert values["balanced_accuracy"] == pytest.approx(np.mean(recalls))


@given(scored)
def test_average_precision_and_auc_are_those_of_all_examples(pairs):
    values = measured(pairs).values()
    scores, labels = zip(*pairs, strict=True)
    if any(labels):
        assert values["average_precision"] == pytest.approx(average_precision(scores, labels))
    if any(labels) and not all(labels):
        wins = [
            (a > b) + (a == b) / 2
            for a, positive in pairs if positive
            for b, other in pairs if not other
        ]  # fmt: skip
        assert values["auc"] == pytest.approx(np.mean(wins))
        curve = np.array(values["roc"])
        assert (np.diff(curve, axis=0) >= 0).all()
        assert curve[0].tolist() == [0, 0]
        assert curve[-1].tolist() == [1, 1]


@given(scored)
def test_calibration_and_log_loss(pairs):
    values = measured(pairs).values()
    scores = np.array([(place + 0.5) / SCORE_BINS for place, _ in pairs])
    labels = np.array([label for _, label in pairs])
    tenth = np.minimum((scores * 10).astype(int), 9)
    gaps = [abs((scores - labels)[tenth == t].sum()) for t in range(10)]
    assert values["calibration_error"] == pytest.approx(sum(gaps) / len(pairs))
    losses = [-math.log(s if label else 1 - s) for s, label in zip(scores, labels, strict=True)]
    assert values["log_loss"] == pytest.approx(np.mean(losses))


def test_recent_figures_are_those_of_the_last_examples():
    rng = random.Random(1)
    pairs = [(rng.randrange(SCORE_BINS), rng.random() < 0.3) for _ in range(WINDOW + 700)]
    all_values, last_values = measured(pairs).values(), measured(pairs[-WINDOW:]).values()
    for name in ("auc", "average_precision", "accuracy", "precision", "recall", "f1"):
        assert all_values[f"{name}_recent"] == last_values[name]


def test_restored_metrics_go_on_as_if_nothing_had_happened():
    rng = random.Random(2)
    pairs = [(rng.randrange(SCORE_BINS), rng.random() < 0.3) for _ in range(WINDOW + 50)]
    restored = BinaryMetrics()
    restored.restore(measured(pairs[:-10]).state())
    for place, label in pairs[-10:]:
        restored.update((place + 0.5) / SCORE_BINS, label)
    assert restored.values() == measured(pairs).values()


def test_a_young_metric_says_nothing():
    values = BinaryMetrics().values()
    assert values["n"] == 0
    assert values["auc"] is values["accuracy"] is values["average_precision"] is None
