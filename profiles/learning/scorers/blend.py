"""The mean of a plain logistic regression and of one with squares and products, for a batch."""

import numpy as np

from profiles.learning.features import Matrix, Selection
from profiles.learning.model import Numbers
from profiles.learning.models.blend import MOST_DEVIATIONS, expanded
from profiles.learning.scorers.answers import Probabilities, squashed


class Blended:
    """Expand, standardize, weigh twice, take the mean."""

    def __init__(self, numbers: Numbers) -> None:
        self.selection = Selection(numbers["features"])
        self.means = np.array(numbers["means"])
        deviations = np.sqrt(numbers["variances"])
        deviations[deviations == 0] = np.inf  # what has not varied yet says nothing
        self.deviations = deviations
        self.plain, self.rich = np.array(numbers["plain"]), np.array(numbers["rich"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities:
        """(n, len(FEATURES)) → probabilities (n,)."""
        z = (expanded(self.selection.matrix(rows)) - self.means) / self.deviations
        z = np.clip(z, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        width = len(self.plain) - 1
        plain = squashed(z[:, :width] @ self.plain[:-1] + self.plain[-1])
        rich = squashed(z @ self.rich[:-1] + self.rich[-1])
        return Probabilities((plain + rich) / 2, self.version)
