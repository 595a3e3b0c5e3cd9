"""A neural network for batches."""

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers
from profiles.learning.scorers.answers import Probabilities, squashed
from profiles.learning.scorers.prepared import Prepared


class Network:
    """One hidden layer of tanh, one logit."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.into = np.array(numbers["into"])  # (hidden, selected)
        self.offsets, self.out = np.array(numbers["offsets"]), np.array(numbers["out"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities:
        """(n, len(FEATURES)) → probabilities (n,)."""
        hidden = np.tanh(self.prepared.matrix(rows) @ self.into.T + self.offsets)
        return Probabilities(squashed(hidden @ self.out[:-1] + self.out[-1]), self.version)
