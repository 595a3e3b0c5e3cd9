"""A linear classifier that is sure of some weights and not of others: a challenger on text."""

import hashlib
import math

import numpy as np

from profiles.learning.model import Model, Numbers, State
from profiles.learning.text.ngrams import Indices, NGrams
from profiles.learning.text.packed import pack, sigmoid

REGULARIZATION = 0.3  # r: the larger, the smaller the steps


class Arow(Model):
    """Adaptive regularization of weights, diagonal: Crammer, Kulesza and Dredze, NIPS 2009.

    A weight seldom met has a large variance and moves far; one met often hardly moves. Texts that
    are on the right side by a margin of 1 teach nothing. Memory: 8 bytes × ngrams.size.
    """

    def __init__(self, ngrams: NGrams, regularization: float = REGULARIZATION) -> None:
        self.ngrams = ngrams
        self.regularization = regularization
        self.weights = np.zeros(ngrams.size, np.float32)
        self.variances = np.ones(ngrams.size, np.float32)

    def predict(self, x: Indices) -> float:
        """P(true), the margin squashed: in the right order, but not calibrated."""
        return sigmoid(self._margin(x))

    def learn(self, x: Indices, label: bool) -> None:
        """One step for one text, if it is not yet clearly on its side."""
        sign = 1.0 if label else -1.0
        lacking = 1.0 - sign * self._margin(x)
        if lacking <= 0.0:
            return
        square = 1.0 / (len(x) + 1)  # of each input: a text has about unit length
        variances = self.variances[x]
        beta = 1.0 / (float(variances.sum()) * square + self.regularization)
        self.weights[x] += np.float32(lacking * beta * sign * math.sqrt(square)) * variances
        self.variances[x] = variances - np.float32(beta * square) * variances * variances

    def parameters(self) -> Numbers:
        """A digest of all weights and variances."""
        digest = hashlib.sha256(self.weights.astype("<f4").tobytes())
        digest.update(self.variances.astype("<f4").tobytes())
        return {"kind": "text", "digest": digest.hexdigest()}

    def export(self) -> Numbers:
        """The strongest weights, packed."""
        return pack(self.weights, self.ngrams)

    def state(self) -> State:
        """Bytes, of the indices that were ever touched."""
        touched = np.flatnonzero(self.variances != 1.0).astype("<i4")
        tables = (self.weights, self.variances)
        return {
            "touched": touched.tobytes(),
            "tables": [table[touched].astype("<f4").tobytes() for table in tables],
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a fresh model of the same size."""
        touched = np.frombuffer(state["touched"], "<i4")
        for table, values in zip((self.weights, self.variances), state["tables"], strict=True):
            table[touched] = np.frombuffer(values, "<f4")

    def _margin(self, x: Indices) -> float:
        return float(self.weights[x].sum()) / math.sqrt(len(x) + 1)
