"""Nearest centres, and places on a map, for batches."""

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers
from profiles.learning.scorers.answers import Clusters, Places
from profiles.learning.scorers.prepared import Prepared


class Centres:
    """Scaled k-means: standardize, take the nearest centre, the first of equals."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.centres = np.array(numbers["centres"])
        self.names: list[str] = numbers["names"]
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Clusters:
        """(n, len(FEATURES)) → nearest centres (n,)."""
        offsets = self.prepared.matrix(rows)[:, None, :] - self.centres[None, :, :]
        nearest = np.argmin(np.einsum("nkd,nkd->nk", offsets, offsets), axis=1)
        return Clusters(nearest, self.names, self.version)


class Map:
    """Standardize, project onto two directions."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.directions = np.array(numbers["directions"])  # (2, selected)
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Places:
        """(n, len(FEATURES)) → places (n, 2)."""
        return Places(self.prepared.matrix(rows) @ self.directions.T, self.version)
