"""Figures of a binary classifier from two histograms of its scores.

Histograms are counts by score bin, of negatives and of positives, both (bins,). Whatever only
compares scores with each other or with a bin's edge is as if scikit-learn had seen the scores
rounded down to their bins.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Numbers

Histogram = Sequence[int] | npt.NDArray[np.int64]
ROC_POINTS = 21  # a card shows a curve, not every bin of it


def confusion(negatives: Histogram, positives: Histogram, cut: int) -> list[list[int]]:
    """[label][predicted] where scores from bin `cut` on mean True.

    >>> confusion([3, 1], [0, 2], cut=1)
    [[3, 1], [0, 2]]
    """
    return [[int(np.sum(each[:cut])), int(np.sum(each[cut:]))] for each in (negatives, positives)]


def decisions(table: list[list[int]]) -> Numbers:
    """Accuracy, balanced accuracy, precision, recall and F1 of a confusion table.

    None where a figure has nothing to divide by.

    >>> decisions([[3, 1], [0, 2]])["balanced_accuracy"]
    0.875
    """
    (true_negatives, false_positives), (false_negatives, true_positives) = table
    negatives, positives = map(sum, table)
    recall, specificity = share(true_positives, positives), share(true_negatives, negatives)
    return {
        "accuracy": share(true_positives + true_negatives, negatives + positives),
        "balanced_accuracy": None
        if recall is None or specificity is None
        else (recall + specificity) / 2,
        "precision": share(true_positives, true_positives + false_positives),
        "recall": recall,
        "f1": share(2 * true_positives, 2 * true_positives + false_positives + false_negatives),
    }


def average_precision(negatives: Histogram, positives: Histogram) -> float | None:
    """The area under precision and recall, as a sum of steps; None without positives.

    The mean of the precision at each bin, weighted by how much recall grows there.

    >>> average_precision([1, 1, 0], [0, 1, 1])
    0.8333333333333333
    """
    found, false = _from_above(positives), _from_above(negatives)
    if not len(found) or not found[-1]:
        return None
    taken = found + false
    precision = np.divide(found, taken, out=np.zeros(len(taken)), where=taken > 0)
    return float(precision @ np.diff(found, prepend=0) / found[-1])


def roc_points(negatives: Histogram, positives: Histogram) -> list[list[float]]:
    """[false positive rate, true positive rate], at most ROC_POINTS of them, from 0, 0 to 1, 1.

    >>> roc_points([1, 1, 0], [0, 1, 1])
    [[0.0, 0.0], [0.0, 0.5], [0.5, 1.0], [1.0, 1.0]]
    """
    found, false = _from_above(positives), _from_above(negatives)
    if not len(found) or not found[-1] or not false[-1]:
        return []
    rates = np.column_stack((false / false[-1], found / found[-1]))
    corners = np.concatenate(([[0.0, 0.0]], np.unique(rates, axis=0)))
    chosen = np.unique(np.linspace(0, len(corners) - 1, ROC_POINTS).round().astype(int))
    points: list[list[float]] = np.unique(corners[chosen], axis=0).tolist()
    return points


def share(part: float, whole: float) -> float | None:
    """`part / whole`; None for a share of nothing."""
    return part / whole if whole else None


def _from_above(histogram: Histogram) -> npt.NDArray[np.int64]:
    """How many scores lie at or above each bin, the highest bin first."""
    return np.cumsum(np.asarray(histogram, dtype=np.int64)[::-1])
