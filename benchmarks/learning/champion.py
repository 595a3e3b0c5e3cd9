"""The task's own models: whoever was champion when it was asked, and each contestant.

Of churn the tables ask who buys, the task who stays away; the models treat both answers alike.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.learning.examples import Column, Examples
from benchmarks.learning.online import schedule
from profiles.learning.contest import Contest
from profiles.learning.features import Selection
from profiles.learning.model import Inputs, Prediction
from profiles.learning.task import Task

SERVED = "champion"


def scores(task: type[Task], examples: Examples) -> dict[str, Column]:
    """Scores of all examples, by the champion of the moment and by each contestant."""
    rows = Selection(task.features).matrix(examples.features).tolist()
    said = answers(task, [dict(enumerate(row)) for row in rows], examples)
    return {name: np.array([0.5 if each is None else each for each in column], dtype=float)
            for name, column in said.items()}  # fmt: skip


def answers(
    task: type[Task], inputs: Sequence[Inputs], examples: Examples
) -> dict[str, list[Prediction]]:
    """What is said of each example, each by the models as they were when the question was asked.

    A question is learnt when it is due, in the order of falling due; scalers have seen it when it
    was asked (Blum, Kalai and Langford, 1999, with answers that are late). Promotions are the
    contest's, so that the champion is what a profile would have shown.
    """
    contest, labels = Contest(task()), examples.labels.tolist()
    names = [SERVED, *(f"online {name}" for name in contest.contestants)]
    said: list[list[Prediction]] = [[] for _ in inputs]
    for place, learn in schedule(examples):
        if learn:
            _, *predictions = said[place]
            contest.learn(inputs[place], predictions, labels[place])
        else:
            predictions = contest.ask(inputs[place])
            said[place] = [predictions[contest.place], *predictions]
    columns = dict(zip(names, map(list, zip(*said, strict=True)), strict=True))
    columns.pop("online rule", None)
    return columns
