"""Which class comes next, for batches of tastes."""

from collections.abc import Sequence

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers, Tastes
from profiles.learning.scorers.answers import Classes, softmaxed


class Tasted:
    """Shares of the classes, then a constant 1, times a matrix."""

    def __init__(self, numbers: Numbers) -> None:
        self.classes: list[str] = list(numbers["classes"])
        self.matrix = np.array(numbers["matrix"])  # (k + 1, k)
        self.version = int(numbers["version"])
        self._places = {name: place for place, name in enumerate(self.classes)}

    def score(self, tastes: Sequence[Tastes]) -> Classes:
        """Tastes (n) → probabilities by class (n, k)."""
        return Classes(self.mixed(tastes), self.classes, self.version)

    def mixed(self, tastes: Sequence[Tastes]) -> Matrix:
        """Tastes (n) → what the matrix makes of them (n, k)."""
        shares = np.zeros((len(tastes), len(self.classes) + 1))
        shares[:, -1] = 1.0
        for row, liked in zip(shares, tastes, strict=True):
            for name, share in liked.items():
                place = self._places.get(name)
                if place is not None:
                    row[place] = share
        mixed: Matrix = shares @ self.matrix
        return mixed


class Transitions(Tasted):
    """The chain's rows, mixed."""


class TasteSoftmax(Tasted):
    """The same, shared out."""

    def score(self, tastes: Sequence[Tastes]) -> Classes:
        """Tastes (n) → probabilities by class (n, k)."""
        return Classes(softmaxed(self.mixed(tastes)), self.classes, self.version)
