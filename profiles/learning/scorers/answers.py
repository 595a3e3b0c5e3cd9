"""What models say about a batch of n profiles, by the model `version`."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.learning.features import Matrix

Vector = npt.NDArray[np.float64]


class Probabilities(NamedTuple):
    """Of a yes: `values` (n,) of 0..1."""

    values: Vector
    version: int


class Classes(NamedTuple):
    """Of each class: `values` (n, k) of 0..1, columns as in `names`."""

    values: Matrix
    names: list[str]
    version: int


class Quantities(NamedTuple):
    """Expected numbers: `values` (n,) in the label's unit."""

    values: Vector
    version: int


class Strangeness(NamedTuple):
    """How unusual: `values` (n,) of 0..1."""

    values: Vector
    version: int


class Clusters(NamedTuple):
    """Which cluster: `indices` (n,) into `names`."""

    indices: npt.NDArray[np.intp]
    names: list[str]
    version: int


class Places(NamedTuple):
    """Where on a map: `values` (n, 2)."""

    values: Matrix
    version: int


Answers = Probabilities | Classes | Quantities | Strangeness | Clusters | Places


def classified(shares: Matrix, classes: list[Any], version: int) -> Probabilities | Classes:
    """Shares (n, k) of `classes` as the answer: P(True) where these are False and True.

    A model that has met only one of the two has no column for the other.

    >>> classified(np.array([[0.25, 0.75]]), [False, True], 1).values.tolist()
    [0.75]
    >>> classified(np.array([[1.0]]), [False], 1).values.tolist()
    [0.0]
    """
    if any(isinstance(name, bool) for name in classes):
        true = shares[:, classes.index(True)] if True in classes else np.zeros(len(shares))
        return Probabilities(true, version)
    return Classes(shares, [str(name) for name in classes], version)


def normalized(votes: Matrix) -> Matrix:
    """Rows (n, k) divided by their sums; a row of zeros stays."""
    sums = votes.sum(axis=1, keepdims=True)
    divided: Matrix = np.divide(votes, sums, out=np.zeros_like(votes), where=sums > 0)
    return divided


def squashed(logits: Vector) -> Vector:
    """Logits as probabilities, element by element."""
    # clipped where river says 0 or 1: exp(-30) is 1e-13
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))


def softmaxed(logits: Matrix) -> Matrix:
    """Rows (n, k) of logits as probabilities that sum to 1."""
    powers: Matrix = np.exp(logits - logits.max(axis=1, keepdims=True))
    shared: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return shared


def unlogged(values: Vector) -> Vector:
    """As `profiles.learning.models.regression.unlogged`, for many."""
    return np.copysign(np.expm1(np.minimum(np.abs(values), 30.0)), values)
