"""Models of features, their squares and products, for batches."""

import numpy as np

from profiles.learning.features import Matrix, Selection
from profiles.learning.model import Numbers
from profiles.learning.models.expanded import MOST_DEVIATIONS, expanded
from profiles.learning.reasons import Contributions
from profiles.learning.scorers.answers import Probabilities, Quantities, Vector, squashed


class Expanded:
    """Selects, expands, standardizes."""

    def __init__(self, numbers: Numbers) -> None:
        self.selection = Selection(numbers["features"])
        self.means = np.array(numbers["means"])
        deviations = np.sqrt(numbers["variances"])
        deviations[deviations == 0] = np.inf  # what has not varied yet says nothing
        self.deviations = deviations
        self.version = int(numbers["version"])

    def standardized(self, rows: Matrix) -> Matrix:
        """(n, len(FEATURES)) → (n, expanded)."""
        z = (expanded(self.selection.matrix(rows)) - self.means) / self.deviations
        clipped: Matrix = np.clip(z, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        return clipped

    def by_feature(self, z: Matrix, weights: Vector) -> Contributions:
        """Weight times value, and half of every product that the feature is in; a square is whole.

        `z` (n, expanded) is standardized, `weights` (expanded,) are without the intercept.
        """
        width = len(self.selection.names)
        left, right = np.triu_indices(width)
        places = np.arange(len(left))
        halves = np.zeros((len(left), width))
        np.add.at(halves, (places, left), 0.5)
        np.add.at(halves, (places, right), 0.5)
        own, products = z[:, :width], z[:, width:]
        effects = own * weights[:width] + (products * weights[width:]) @ halves
        return Contributions(self.selection.names, effects, own)


class Blended(Expanded):
    """The mean of a plain logistic regression and of a rich one."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self.plain, self.rich = np.array(numbers["plain"]), np.array(numbers["rich"])

    def score(self, rows: Matrix) -> Probabilities:
        """(n, len(FEATURES)) → probabilities (n,)."""
        z = self.standardized(rows)
        width = len(self.plain) - 1
        plain = squashed(z[:, :width] @ self.plain[:-1] + self.plain[-1])
        rich = squashed(z @ self.rich[:-1] + self.rich[-1])
        return Probabilities((plain + rich) / 2, self.version)

    def contributions(self, rows: Matrix) -> Contributions:
        """Of the mean of both models' logits."""
        weights = self.rich[:-1] / 2
        weights[: len(self.plain) - 1] += self.plain[:-1] / 2
        return self.by_feature(self.standardized(rows), weights)


class Recursive(Expanded):
    """The square of a weighted sum, where that is positive."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self.weights = np.array(numbers["weights"])

    def score(self, rows: Matrix) -> Quantities:
        """(n, len(FEATURES)) → amounts (n,)."""
        roots = self.standardized(rows) @ self.weights[:-1] + self.weights[-1]
        return Quantities(np.maximum(roots, 0.0) ** 2, self.version)

    def contributions(self, rows: Matrix) -> Contributions:
        """Of the root of the amount."""
        return self.by_feature(self.standardized(rows), self.weights[:-1])
