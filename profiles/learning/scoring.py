"""Scores for whole batches of profiles, from plain numbers: no pickle, no river.

A learner exports its models as JSON; whoever scores loads that and multiplies matrices. The scores
equal those of the river models that were exported, to 1e-9.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from profiles.learning.features import FEATURE_VERSION, Matrix
from profiles.learning.model import Numbers, Tastes
from profiles.learning.scorers import linear, trees
from profiles.learning.scorers.answers import Answers, Classes, Clusters, Probabilities
from profiles.learning.scorers.centres import Centres, Map
from profiles.learning.scorers.expanded import Blended, Recursive
from profiles.learning.scorers.half_spaces import HalfSpaces
from profiles.learning.scorers.naive_bayes import NaiveBayes
from profiles.learning.scorers.network import Network
from profiles.learning.scorers.tastes import Tasted, TasteSoftmax, Transitions
from profiles.learning.scorers.words import Praise, Talk
from profiles.learning.text.many import Texts
from schemas.errors import PortraitError

__all__ = ["Answers", "Clusters", "IncompatibleExportError", "Probabilities", "Scorer"]


class IncompatibleExportError(PortraitError):
    """Numbers exported for another feature catalogue or by an unknown kind of model."""


class BatchModel(Protocol):
    """A model that scores rows (n, len(FEATURES)) of raw features."""

    def score(self, rows: Matrix) -> Answers:
        """What it says about each of them."""


KINDS: dict[str, Callable[[Numbers], BatchModel | Tasted]] = {
    "bagging": linear.Bagging,
    "blend": Blended,
    "centres": Centres,
    "factorization": linear.Factorization,
    "half_spaces": HalfSpaces,
    "linear": linear.Linear,
    "linear_regression": linear.LinearRegression,
    "map": Map,
    "naive_bayes": NaiveBayes,
    "network": Network,
    "recursive": Recursive,
    "softmax": linear.Softmax,
    "taste_softmax": TasteSoftmax,
    "transitions": Transitions,
    "tree_regression": trees.TreeRegression,
    "trees": trees.Trees,
}


class TextModel(Protocol):
    """A model that scores what customers write."""

    def score(self, texts: Texts) -> Probabilities | Classes:
        """What it says about each of them."""


OF_TEXTS: dict[str, Callable[[Numbers], TextModel]] = {"text": Praise, "topics": Talk}


class Scorer:
    """The models of one export, by task; a task that is still warming up is not in it."""

    def __init__(
        self, models: dict[str, BatchModel | Tasted], of_texts: dict[str, TextModel] | None = None
    ) -> None:
        self.models = models
        self.of_texts = of_texts or {}

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
        tasks = exported["tasks"]
        of_texts = {
            task: OF_TEXTS[numbers["kind"]](numbers)
            for task, numbers in tasks.items()
            if numbers["kind"] in OF_TEXTS
        }
        return cls(
            {task: model_of(tasks[task]) for task in tasks if task not in of_texts}, of_texts
        )

    def score(self, rows: Matrix, tastes: Sequence[Tastes]) -> dict[str, Answers]:
        """Scores by task for rows (n, len(FEATURES)) of raw features and tastes (n)."""
        return {
            task: model.score(tastes) if isinstance(model, Tasted) else model.score(rows)
            for task, model in self.models.items()
        }

    def score_texts(self, texts: Texts) -> dict[str, Probabilities | Classes]:
        """Scores by task for what customers write."""
        return {task: model.score(texts) for task, model in self.of_texts.items()}


def model_of(numbers: Numbers) -> BatchModel | Tasted:
    """The model that one task exported.

    Raises IncompatibleExportError for an unknown kind.
    """
    if numbers["kind"] not in KINDS:
        raise IncompatibleExportError(
            "unknown kind of model", value=numbers["kind"], expected=sorted(KINDS)
        )
    return KINDS[numbers["kind"]](numbers)
