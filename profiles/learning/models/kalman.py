"""Recursive regression: steps of a Kalman filter that forgets, in square-root form."""

import math

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

LEAST_INFORMATION = 1e-4


def filtered(
    root: Matrix, z: Vector, information: float, forgetting: float, prior: float
) -> tuple[Matrix, Vector, float]:
    """One step of a Kalman filter whose weights are seen through `z`: forget a little, take in.

    `root` is that of the weights' covariance in units of the noise's variance; returned are the
    next one, the covariance times `z`, and the variance of what was to be seen, times information.
    No weight's variance grows beyond `prior`, so a value that never varies does no harm.

    By Potter's square root (Bierman, 1977), which rounding cannot make negative: a covariance that
    was itself updated broke within 69,000 answers (CDNOW).
    """
    variances = np.einsum("ij,ij->i", root, root)
    root = root * np.minimum(forgetting**-0.5, np.sqrt(prior / variances))[:, None]
    seen = z @ root
    gain = root @ seen
    total = 1 + information * float(seen @ seen)
    return root - np.outer(gain, seen) * (information / (total + math.sqrt(total))), gain, total


def logistic_step(
    weights: Vector, root: Matrix, z: Vector, label: bool, forgetting: float, prior: float
) -> tuple[Vector, Matrix]:
    """One step of a logistic regression: of an extended Kalman filter (McCormick et al., 2012).

    Returned are the next weights and the next root of their covariance.
    """
    probability = sigmoid(float(weights @ z))
    information = max(probability * (1 - probability), LEAST_INFORMATION)
    root, gain, total = filtered(root, z, information, forgetting, prior)
    return weights + gain * ((label - probability) / total), root


def sigmoid(value: float) -> float:
    """Logistic function of any float.

    >>> sigmoid(0.0), sigmoid(-1e9)
    (0.5, 0.0)
    """
    return 0.5 * (1 + math.tanh(value / 2))
