"""How well scores order the answers, and how sure a difference between two of them is."""

import numpy as np

from benchmarks.learning.examples import Column, Flags

DRAWS = 400
SEED = 20260101


def auc(labels: Flags, scores: Column) -> float:
    """Area under the ROC curve by mid-ranks (Hanley and McNeil, 1982).

    >>> auc(np.array([False, True, True, False]), np.array([1.0, 5.0, 3.0, 5.0]))
    0.625
    """
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positives = int(labels.sum())
    pairs = positives * (len(labels) - positives)
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / pairs)


def log_loss(labels: Flags, scores: Column) -> float:
    """Mean negative log likelihood of the answers, in nats."""
    likelihood = np.where(labels, scores, 1 - scores)
    return float(-np.log(np.clip(likelihood, 1e-6, 1)).mean())


def interval(
    labels: Flags, scores: Column, others: Column, customers: np.ndarray, draws: int = DRAWS
) -> tuple[float, float]:
    """95 % interval of the difference of two AUCs by a paired bootstrap (Efron, 1979).

    Whole customers are drawn: the answers of one customer are not independent of each other.
    """
    rng = np.random.default_rng(SEED)
    _, groups = np.unique(customers, return_inverse=True)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(groups))[:-1])
    differences = []
    for _ in range(draws):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        differences.append(auc(labels[rows], scores[rows]) - auc(labels[rows], others[rows]))
    low, high = np.percentile(differences, (2.5, 97.5))
    return float(low), float(high)


def paired(mine: Flags, others: Flags, draws: int = DRAWS) -> tuple[float, float]:
    """95 % interval of the difference of two accuracies by a paired bootstrap (Efron, 1979).

    Examples are drawn, with whether each of both was right about them.
    """
    rng = np.random.default_rng(SEED)
    gains = mine.astype(float) - others
    means = [gains[rng.integers(0, len(gains), len(gains))].mean() for _ in range(draws)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)
