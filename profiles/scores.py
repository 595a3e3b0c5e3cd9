"""Models' scores as public fields: each with its model's version, as of the profile's `as_of`."""

from collections.abc import Sequence

import numpy as np

from profiles.learning.scorers.answers import Answers, Classes, Clusters, Places
from profiles.learning.scoring import Scorer
from profiles.traits import Fields
from profiles.words import Words, score_words


class LiveScores:
    """Scores batches with the newest models; whoever receives models sets `scorer`.

    >>> LiveScores()([[0.0] * 16], [0])
    [{}]
    """

    def __init__(self) -> None:
        self.scorer = Scorer({})

    def __call__(self, vectors: list[list[float]], _as_of: Sequence[int]) -> list[Fields]:
        """Return the score fields for feature vectors (n); their times (ms) are in them."""
        rows: list[Fields] = [{} for _ in vectors]
        if not vectors or not self.scorer.models:
            return rows
        for task, scored in self.scorer.score(np.array(vectors)).items():
            name, texts = _texts(task, scored)
            version = str(scored.version)
            for row, text in zip(rows, texts, strict=True):
                row[name] = text
                row[f"{task}.model"] = version
        return rows

    def of_words(self, words: Sequence[Words]) -> list[Fields]:
        """Return what the models say of customers' words, nothing before there are any."""
        return score_words(self.scorer, words)


def _texts(task: str, scored: Answers) -> tuple[str, list[str]]:
    """Return the field that holds the score, and its text for every row."""
    if isinstance(scored, Clusters):
        return task, [scored.names[index] for index in scored.indices.tolist()]
    if isinstance(scored, Classes):
        return task, [scored.names[index] for index in scored.values.argmax(axis=1).tolist()]
    if isinstance(scored, Places):
        return f"{task}.place", [f"{x:.2f},{y:.2f}" for x, y in scored.values.tolist()]
    return f"{task}.score", [f"{value:.4f}" for value in scored.values.tolist()]
