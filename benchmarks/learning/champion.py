"""The task's own models: its champion and its challengers.

Of churn the tables ask who buys, the task who stays away; the models treat both answers alike.
"""

from benchmarks.learning.examples import Column, Examples
from benchmarks.learning.online import progressive
from profiles.learning.features import Selection
from profiles.learning.task import Task


def models(task: type[Task]) -> list[str]:
    """Names of the contestants, the first champion first."""
    return [f"online {name}" for name in task.models]


def scores(task: type[Task], examples: Examples) -> dict[str, Column]:
    """Progressive scores of all of them, untaught at first."""
    selection = Selection(task.features)
    made = (make(len(task.features)) for make in task.models.values())
    found = (progressive(model, examples, selection) for model in made)
    return dict(zip(models(task), found, strict=True))
