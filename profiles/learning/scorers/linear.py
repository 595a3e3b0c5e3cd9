"""Scorers that are a matrix product or a few."""

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers
from profiles.learning.reasons import Contributions
from profiles.learning.scorers.answers import (
    Classes,
    Probabilities,
    Quantities,
    Vector,
    classified,
    softmaxed,
    squashed,
    unlogged,
)
from profiles.learning.scorers.prepared import Prepared


class Linear:
    """Standardize, weigh, squash."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.weights = np.array(numbers["weights"])
        self.intercept = float(numbers["intercept"])
        self.version = int(numbers["version"])

    def logits(self, rows: Matrix) -> Vector:
        """(n, len(FEATURES)) → weighted sums (n,)."""
        sums: Vector = self.prepared.matrix(rows) @ self.weights + self.intercept
        return sums

    def score(self, rows: Matrix) -> Probabilities:
        """(n, len(FEATURES)) → probabilities (n,)."""
        return Probabilities(squashed(self.logits(rows)), self.version)

    def contributions(self, rows: Matrix) -> Contributions:
        """Weight times standardized value."""
        x = self.prepared.matrix(rows)
        return Contributions(self.prepared.selection.names, x * self.weights, x)


class LinearRegression(Linear):
    """Standardize and weigh; `log` says that the sum is a logarithm."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self.log = bool(numbers["log"])

    def score(self, rows: Matrix) -> Quantities:  # type: ignore[override]  # of another kind
        """(n, len(FEATURES)) → numbers (n,)."""
        sums = self.logits(rows)
        return Quantities(unlogged(sums) if self.log else sums, self.version)


class Softmax:
    """Standardize, weigh for each class, share."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.weights = np.array(numbers["weights"]).T  # (selected + 1, k), intercepts last
        self.classes = list(numbers["classes"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities | Classes:
        """(n, len(FEATURES)) → probabilities by class (n, k)."""
        logits = self.prepared.matrix(rows) @ self.weights[:-1] + self.weights[-1]
        return classified(softmaxed(logits), self.classes, self.version)


class Bagging:
    """Linear models side by side, their probabilities averaged."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.weights = np.array(numbers["weights"]).T  # (selected, models)
        self.intercepts = np.array(numbers["intercepts"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities:
        """(n, len(FEATURES)) → probabilities (n,)."""
        logits = self.prepared.matrix(rows) @ self.weights + self.intercepts
        return Probabilities(squashed(logits).mean(axis=1), self.version)

    def contributions(self, rows: Matrix) -> Contributions:
        """Mean weight times standardized value."""
        x = self.prepared.matrix(rows)
        return Contributions(self.prepared.selection.names, x * self.weights.mean(axis=1), x)


class Factorization(Linear):
    """Weights, and pairs by their latent numbers: ((Σ v x)² - Σ v² x²) / 2 (Rendle, 2010)."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self.latents = np.array(numbers["latents"])  # (selected, factors)

    def logits(self, rows: Matrix) -> Vector:
        """(n, len(FEATURES)) → weighted sums with pairs (n,)."""
        x = self.prepared.matrix(rows)
        pairs = (x @ self.latents) ** 2 - (x**2) @ (self.latents**2)
        sums: Vector = x @ self.weights + self.intercept + pairs.sum(axis=1) / 2
        return sums

    def contributions(self, rows: Matrix) -> Contributions:
        """Weight times value, and half of every pair that the feature is in."""
        x = self.prepared.matrix(rows)
        others = (x @ self.latents)[:, None, :] - x[:, :, None] * self.latents
        pairs = x * np.einsum("ndf,df->nd", others, self.latents)
        return Contributions(self.prepared.selection.names, x * self.weights + pairs / 2, x)
