"""Logistic regression that starts from naive Bayes: what sentiment is learnt with."""

import hashlib
import math

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Model, Numbers, State
from profiles.learning.text.ngrams import NGrams
from profiles.learning.text.packed import pack, sigmoid

Indices = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]

RATE = 0.5
FIRST_GRADIENT = 0.01  # keeps the first step of a weight bounded
SMOOTHING = 2.0  # texts that an unseen n-gram counts as, shared like the classes: it says nothing


class BayesLogistic(Model):
    """Binary classifier over the sets of indices that `ngrams` makes of texts.

    log-odds = Σ (r + w) / √(k + 1) over the k indices of a text, where r is an index's log-count
    ratio (Wang and Manning, ACL 2012), kept up to date by counting, and w a correction that
    AdaGrad learns (Duchi, Hazan and Singer, JMLR 2011) from the logistic loss. r is worth
    something after one text, w removes what n-grams that overlap say twice. Interpolating them is
    Wang and Manning's own advice; here both live in one sum, so one array of weights scores.

    Memory: 16 bytes × ngrams.size; a snapshot holds what was touched. No randomness.
    """

    def __init__(self, ngrams: NGrams, rate: float = RATE) -> None:
        self.ngrams = ngrams
        self.rate = rate
        size = ngrams.size
        self.corrections = np.zeros(size, np.float32)
        self.gradients = np.full(size, FIRST_GRADIENT, np.float32)  # sums of their squares
        self.counts = np.zeros((2, size), np.float32)  # texts of each class with that index
        self.texts = [1.0, 1.0]  # of each class, and one before any

    def log_odds(self, indices: Indices) -> float:
        """log(P(true) / P(false)) of a text; 0 before anything was learnt."""
        weights = self.corrections[indices] + self._ratios(indices)
        return float(weights.sum()) / math.sqrt(len(indices) + 1)

    def predict(self, x: Indices) -> float:
        """P(true) of a text."""
        return sigmoid(self.log_odds(x))

    def learn(self, x: Indices, label: bool) -> None:
        """One step for one text."""
        scale = 1.0 / math.sqrt(len(x) + 1)
        gradient = (self.predict(x) - label) * scale
        squares = self.gradients[x] + np.float32(gradient * gradient)
        self.gradients[x] = squares
        self.corrections[x] -= np.float32(self.rate * gradient) / np.sqrt(squares)
        self.counts[int(label), x] += 1
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

    def parameters(self) -> Numbers:
        """The digest, and the texts learnt of each class."""
        return {"kind": "text", "digest": self.digest(), "texts": list(self.texts)}

    def export(self) -> Numbers:
        """The strongest weights, packed."""
        return pack(self.weights(), self.ngrams)

    def state(self) -> State:
        """Bytes, of the indices that were ever touched."""
        touched = np.flatnonzero(self.counts.any(axis=0)).astype("<i4")
        tables = (self.corrections, self.gradients, *self.counts)
        return {
            "texts": list(self.texts),
            "touched": touched.tobytes(),
            "tables": [table[touched].astype("<f4").tobytes() for table in tables],
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a fresh model of the same size."""
        self.texts = list(state["texts"])
        touched = np.frombuffer(state["touched"], "<i4")
        tables = (self.corrections, self.gradients, *self.counts)
        for table, values in zip(tables, state["tables"], strict=True):
            table[touched] = np.frombuffer(values, "<f4")

    def _ratios(self, which: Indices | slice) -> Weights:
        against, in_favour = self.texts
        share = in_favour / (in_favour + against)
        smoothed_for = self.counts[1, which] + np.float32(SMOOTHING * share)
        smoothed_against = self.counts[0, which] + np.float32(SMOOTHING * (1.0 - share))
        ratios: Weights = np.log(smoothed_for / smoothed_against)
        return ratios - np.float32(math.log(in_favour / against))
