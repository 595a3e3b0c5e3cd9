"""Scores for whole batches of profiles, from plain numbers: no pickle, no river.

A learner exports its models as JSON; whoever scores loads that and multiplies matrices. The scores
equal those of the river models that were exported, to 1e-9.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.learning.features import FEATURE_VERSION, Matrix, Selection
from profiles.learning.model import Numbers
from schemas.errors import PortraitError

Vector = npt.NDArray[np.float64]


class IncompatibleExportError(PortraitError):
    """Numbers exported for another feature catalogue or by an unknown kind of model."""


class Probabilities(NamedTuple):
    """What a binary classifier says: `values` (n,) of 0..1, by the model `version`."""

    values: Vector
    version: int


class Clusters(NamedTuple):
    """What a clustering says: `indices` (n,) into `names`, by the model `version`."""

    indices: npt.NDArray[np.intp]
    names: list[str]
    version: int


class Linear:
    """Scaled logistic regression: standardize, weigh, squash."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = _Scaled(numbers)
        self.weights = np.array(numbers["weights"])
        self.intercept = float(numbers["intercept"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities:
        """(n, len(FEATURES)) → probabilities (n,)."""
        logits = self.prepared.matrix(rows) @ self.weights + self.intercept
        # clipped where river says 0 or 1: exp(-30) is 1e-13
        return Probabilities(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), self.version)


class Centres:
    """Scaled k-means: standardize, take the nearest centre, the first of equals."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = _Scaled(numbers)
        self.centres = np.array(numbers["centres"])
        self.names: list[str] = numbers["names"]
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Clusters:
        """(n, len(FEATURES)) → nearest centres (n,)."""
        offsets = self.prepared.matrix(rows)[:, None, :] - self.centres[None, :, :]
        nearest = np.argmin(np.einsum("nkd,nkd->nk", offsets, offsets), axis=1)
        return Clusters(nearest, self.names, self.version)


KINDS: dict[str, type[Linear] | type[Centres]] = {"linear": Linear, "centres": Centres}


class Scorer:
    """The models of one export, by task; a task that is still warming up is not in it."""

    def __init__(self, models: dict[str, Linear | Centres]) -> None:
        self.models = models

    @classmethod
    def load(cls, exported: dict[str, Any]) -> "Scorer":
        """The scorer of what `Learner.export` gave.

        Raises IncompatibleExportError for another feature version or an unknown kind of model.
        """
        if exported["feature_version"] != FEATURE_VERSION:
            raise IncompatibleExportError(
                "exported for another feature catalogue",
                value=exported["feature_version"],
                expected=FEATURE_VERSION,
            )
        return cls({task: _model(numbers) for task, numbers in exported["tasks"].items()})

    def score(self, rows: Matrix) -> dict[str, Probabilities | Clusters]:
        """Scores by task for rows (n, len(FEATURES)) of raw features."""
        return {task: model.score(rows) for task, model in self.models.items()}


class _Scaled:
    """Selects, takes logs, standardizes: what river's StandardScaler does, for a matrix."""

    def __init__(self, numbers: Numbers) -> None:
        self.selection = Selection(numbers["features"])
        self.means = np.array(numbers["means"])
        variances = np.array(numbers["variances"])
        # river gives 0 where nothing has varied yet
        self.scales = np.where(
            variances > 0, 1.0 / np.sqrt(np.where(variances > 0, variances, 1)), 0
        )

    def matrix(self, rows: Matrix) -> Matrix:
        """(n, len(FEATURES)) → standardized (n, selected)."""
        standardized: Matrix = (self.selection.matrix(rows) - self.means) * self.scales
        return standardized


def _model(numbers: Numbers) -> Linear | Centres:
    if numbers["kind"] not in KINDS:
        raise IncompatibleExportError(
            "unknown kind of model", value=numbers["kind"], expected=sorted(KINDS)
        )
    return KINDS[numbers["kind"]](numbers)
