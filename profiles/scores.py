"""Models' scores as public fields, as of the profile's `as_of`, with the version of the models."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

import numpy as np

from profiles.learning.features import Matrix
from profiles.learning.model import Tastes
from profiles.learning.reasons import Explains, codes
from profiles.learning.scorers.answers import Answers, Classes, Clusters, Places, Quantities
from profiles.learning.scoring import Scorer
from profiles.traits import Fields
from profiles.traits.text import name_text
from profiles.words import Words, score_words

REASONS = ".reasons"
"""Ends the name of the field that holds a score's reasons; the task's name begins it."""

VERSION = "scores.version"
"""One export holds all models, so they are all of one version."""


class LiveScores:
    """Scores batches with the newest models; whoever receives models sets `scorer`.

    Scores of the tasks in `reasons` come with theirs (`profiles.learning.reasons`).

    >>> LiveScores()([[0.0] * 17], [{}])
    [{}]
    """

    def __init__(self, reasons: Collection[str] = ()) -> None:
        self.scorer = Scorer({})
        self._reasons = reasons

    @property
    def ready(self) -> bool:
        """Whether any model scores."""
        return bool(self.scorer.models)

    def __call__(self, vectors: list[list[float]], tastes: Sequence[Tastes]) -> list[Fields]:
        """Return the score fields for feature vectors and tastes (n)."""
        rows: list[Fields] = [{} for _ in vectors]
        if not (vectors and self.ready):
            return rows
        features = np.array(vectors)
        for task, scored in self.scorer.score(features, tastes).items():
            for name, texts in chain(_texts(task, scored), self._why(task, features)):
                for row, text in zip(rows, texts, strict=True):
                    row[name] = text
        version = str(scored.version)
        for row in rows:
            row[VERSION] = version
        return rows

    def _why(self, task: str, features: Matrix) -> Iterable[tuple[str, list[str]]]:
        model = self.scorer.models[task]
        if task in self._reasons and isinstance(model, Explains):
            yield f"{task}{REASONS}", codes(model.contributions(features))

    def of_words(self, words: Sequence[Words]) -> list[Fields]:
        """Return what the models say of customers' words, nothing before there are any."""
        return score_words(self.scorer, words)


def _texts(task: str, scored: Answers) -> Iterable[tuple[str, list[str]]]:
    """Yield the fields that hold the score, and their texts for every row."""
    if isinstance(scored, Clusters):
        yield task, [scored.names[index] for index in scored.indices.tolist()]
    elif isinstance(scored, Classes):
        best = scored.values.argmax(axis=1)
        shown = [name_text(name) for name in scored.names]
        yield task, [shown[index] for index in best.tolist()]
        yield f"{task}.score", _numbers(scored.values.max(axis=1).tolist(), 4)
    elif isinstance(scored, Places):
        yield f"{task}.place", [f"{x:.2f},{y:.2f}" for x, y in scored.values.tolist()]
    else:
        digits = 2 if isinstance(scored, Quantities) else 4
        yield f"{task}.score", _numbers(scored.values.tolist(), digits)


def _numbers(values: list[float], digits: int) -> list[str]:
    return [f"{value:.{digits}f}" for value in values]
