"""Online models asked and answered in event time: score first, learn when the answer is known."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.learning.examples import Column, Examples
from profiles.learning.features import Selection


def progressive(model: Any, examples: Examples, selection: Selection) -> Column:
    """Scores of all examples, each by the model as it was when the question was asked.

    A question is learnt when it is due, in the order of falling due; the scaler has seen it when
    it was asked (Blum, Kalai and Langford, 1999, with answers that are late).
    """
    scores, labels = np.full(len(examples), 0.5), examples.labels.tolist()
    rows = [dict(enumerate(row)) for row in selection.matrix(examples.features).tolist()]
    for place, learn in schedule(examples):
        if learn:
            model.learn(rows[place], labels[place])
        else:
            model.observe(rows[place])
            scores[place] = model.predict(rows[place])
    return scores


def schedule(examples: Examples) -> Iterator[tuple[int, bool]]:
    """Places of examples in the order of time, and whether to learn (True) or to ask (False)."""
    due = np.argsort(examples.due_at, kind="stable").tolist()
    learnt = 0
    for place, asked_at in enumerate(examples.asked_at.tolist()):
        while learnt < len(due) and examples.due_at[due[learnt]] <= asked_at:
            yield due[learnt], True
            learnt += 1
        yield place, False
