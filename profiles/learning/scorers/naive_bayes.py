"""Gaussian naive Bayes for batches."""

import math

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Numbers
from profiles.learning.scorers.answers import Classes, Probabilities, classified, softmaxed
from profiles.learning.scorers.prepared import Prepared

FAINTEST = 10e-10  # what river adds to every density


class NaiveBayes:
    """The sum of the log densities of each feature, for each class."""

    def __init__(self, numbers: Numbers) -> None:
        self.prepared = Prepared(numbers)
        self.means = np.array(numbers["class_means"])  # (k, selected)
        variances = np.array(numbers["class_variances"])
        self.known = variances > 0  # a feature that has not varied in a class has no density there
        self.variances = np.where(self.known, variances, 1.0)
        counts = np.array(numbers["counts"], dtype=float)
        self.priors = np.log(counts / counts.sum())
        self.classes = list(numbers["classes"])
        self.version = int(numbers["version"])

    def score(self, rows: Matrix) -> Probabilities | Classes:
        """(n, len(FEATURES)) → probabilities by class (n, k)."""
        gaps = self.prepared.matrix(rows)[:, None, :] - self.means
        densities = np.exp(-(gaps**2) / (2 * self.variances)) / np.sqrt(math.tau * self.variances)
        likelihoods = np.log(FAINTEST + np.where(self.known, densities, 0.0)).sum(axis=2)
        return classified(softmaxed(likelihoods + self.priors), self.classes, self.version)
