"""Logistic regression that starts from naive Bayes: what sentiment is learnt with."""

import hashlib
import math

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]

RATE = 0.5
FIRST_GRADIENT = 0.01  # keeps the first step of a weight bounded
SMOOTHING = 2.0  # texts that an unseen n-gram counts as, shared like the classes: it says nothing
SURE = 30.0  # exp(-30) is 1e-13


class BayesLogistic:
    """Binary classifier over sets of indices, `size` of them.

    log-odds = Σ (r + w) / √(k + 1) over the k indices of a text, where r is an index's log-count
    ratio (Wang and Manning, ACL 2012), kept up to date by counting, and w a correction that
    AdaGrad learns (Duchi, Hazan and Singer, JMLR 2011) from the logistic loss. r is worth
    something after one text, w removes what n-grams that overlap say twice. Interpolating them is
    Wang and Manning's own advice; here both live in one sum, so one array of weights scores.

    Memory: 16 bytes × size. No randomness; same calls, same numbers.
    """

    def __init__(self, size: int, rate: float = RATE) -> None:
        self.rate = rate
        self.corrections = np.zeros(size, np.float32)
        self.gradients = np.full(size, FIRST_GRADIENT, np.float32)  # sums of their squares
        self.counts = np.zeros((2, size), np.float32)  # texts of each class with that index
        self.texts = [1.0, 1.0]  # of each class, and one before any

    def log_odds(self, indices: Indices) -> float:
        """log(P(true) / P(false)) of a text; 0 before anything was learnt."""
        weights = self.corrections[indices] + self._ratios(indices)
        return float(weights.sum()) / math.sqrt(len(indices) + 1)

    def probability(self, indices: Indices) -> float:
        """P(true) of a text."""
        return sigmoid(self.log_odds(indices))

    def learn(self, indices: Indices, label: bool) -> None:
        """One step for one text."""
        scale = 1.0 / math.sqrt(len(indices) + 1)
        gradient = (self.probability(indices) - label) * scale
        squares = self.gradients[indices] + np.float32(gradient * gradient)
        self.gradients[indices] = squares
        self.corrections[indices] -= np.float32(self.rate * gradient) / np.sqrt(squares)
        self.counts[int(label), indices] += 1
        self.texts[label] += 1

    def weights(self) -> Weights:
        """What each index adds to √(k + 1) × log-odds (size,)."""
        every: Weights = self.corrections + self._ratios(slice(None))
        return every

    def digest(self) -> str:
        """SHA-256 of all parameters: equal when two models have learnt the same."""
        digest = hashlib.sha256(repr(self.texts).encode())
        for table in (self.corrections, self.gradients, self.counts):
            digest.update(table.astype("<f4").tobytes())
        return digest.hexdigest()

    def _ratios(self, which: Indices | slice) -> Weights:
        against, in_favour = self.texts
        share = in_favour / (in_favour + against)
        smoothed_for = self.counts[1, which] + np.float32(SMOOTHING * share)
        smoothed_against = self.counts[0, which] + np.float32(SMOOTHING * (1.0 - share))
        ratios: Weights = np.log(smoothed_for / smoothed_against)
        return ratios - np.float32(math.log(in_favour / against))


def sigmoid(log_odds: float) -> float:
    """The probability with these log-odds.

    >>> sigmoid(0.0), round(sigmoid(math.log(3.0)), 6)
    (0.5, 0.75)
    """
    return 1.0 / (1.0 + math.exp(-max(-SURE, min(SURE, log_odds))))
