"""Figures of regressions, of many classes and of anomaly scores."""

import math
import random

import numpy as np
import pytest

from profiles.learning.metrics.anomaly import AnomalyMetrics
from profiles.learning.metrics.multiclass import CLASSES, OTHER, WINDOW, MulticlassMetrics
from profiles.learning.metrics.regression import RegressionMetrics

NAMES = ("tea", "cups", "spoons", "pots")


def guesses(n, seed=1):
    rng = random.Random(seed)
    for _ in range(n):
        weights = [rng.random() for _ in NAMES]
        probabilities = {
            name: weight / sum(weights) for name, weight in zip(NAMES, weights, strict=True)
        }
        yield probabilities, rng.choice(NAMES)


def fed(metrics, examples):
    for prediction, label in examples:
        metrics.update(prediction, label)
    return metrics


def test_many_classes_are_measured_as_over_all_examples():
    examples = list(guesses(500))
    values = fed(MulticlassMetrics(), examples).values()
    labels = np.array([label for _, label in examples])
    guessed = np.array([max(p, key=p.get) for p, _ in examples])
    recalls = [(guessed == labels)[labels == name].mean() for name in NAMES]
    f1s = [
        2 * ((guessed == n) & (labels == n)).sum() / ((guessed == n).sum() + (labels == n).sum())
        for n in NAMES
    ]
    top = [label in sorted(p, key=p.get)[-3:] for p, label in examples]
    assert values["accuracy"] == pytest.approx((guessed == labels).mean())
    assert values["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert values["macro_f1"] == pytest.approx(np.mean(f1s))
    assert values["hit_at_3"] == pytest.approx(np.mean(top))
    assert values["log_loss"] == pytest.approx(np.mean([-math.log(p[y]) for p, y in examples]))
    assert values["confusion"]["tea"]["cups"] == ((labels == "tea") & (guessed == "cups")).sum()


def test_recent_figures_of_many_classes_are_those_of_the_last_examples():
    examples = list(guesses(WINDOW + 300))
    values = fed(MulticlassMetrics(), examples).values()
    last = fed(MulticlassMetrics(), examples[-WINDOW:]).values()
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "hit_at_3"):
        assert values[f"{name}_recent"] == pytest.approx(last[name], rel=1e-12)


def test_classes_beyond_the_bound_share_a_name_and_accuracy_stays_exact():
    metrics = MulticlassMetrics()
    for number in range(3 * CLASSES):
        metrics.update({f"c{number}": 1.0}, f"c{number}" if number % 2 else "c0")
    assert len(metrics.tally.table()) <= CLASSES + 1
    assert OTHER in {label for label, _ in metrics.tally.cells}
    assert metrics.values()["accuracy"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("family", [MulticlassMetrics, RegressionMetrics, AnomalyMetrics])
def test_restored_metrics_go_on_as_if_nothing_had_happened(family):
    rng = random.Random(3)
    examples = (
        list(guesses(WINDOW + 60))
        if family is MulticlassMetrics
        else [(rng.random(), rng.random()) for _ in range(WINDOW + 60)]
    )
    restored = family()
    restored.restore(fed(family(), examples[:-30]).state())
    assert fed(restored, examples[-30:]).values() == fed(family(), examples).values()


def test_errors_of_numbers_are_those_over_all_examples():
    rng = np.random.default_rng(4)
    labels = rng.lognormal(3, 1, 3_000)
    predicted = labels + rng.normal(0, 5, 3_000)
    values = fed(RegressionMetrics(), zip(predicted, labels, strict=True)).values()
    errors = predicted - labels
    assert values["mae"] == pytest.approx(np.abs(errors).mean())
    assert values["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert values["r2"] == pytest.approx(
        1 - (errors**2).sum() / ((labels - labels.mean()) ** 2).sum()
    )
    last, gaps = labels[-2_000:], errors[-2_000:]
    assert values["mae_recent"] == pytest.approx(np.abs(gaps).mean())
    assert values["r2_recent"] == pytest.approx(
        1 - (gaps**2).sum() / ((last - last.mean()) ** 2).sum()
    )
    assert values["skill_recent"] == pytest.approx(
        1 - np.abs(gaps).sum() / np.abs(last - np.median(last)).sum()
    )


def test_quantiles_of_anomaly_scores_are_those_of_all_scores():
    rng = np.random.default_rng(5)
    scores = rng.beta(2, 8, 4_000)
    values = fed(AnomalyMetrics(), zip(scores, scores, strict=True)).values()
    assert values["p99"] == pytest.approx(np.quantile(scores, 0.99), abs=0.002)
    assert values["median_recent"] == pytest.approx(np.median(scores[-2_000:]), abs=0.002)
