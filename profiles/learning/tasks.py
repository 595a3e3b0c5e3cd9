"""Which tasks there are: the shipped ones, and those of installed packages."""

from collections.abc import Iterable

from profiles.learning.anomaly import Anomaly
from profiles.learning.churn import Churn
from profiles.learning.names import added_tasks
from profiles.learning.next_category import NextCategory
from profiles.learning.propensity import Propensity
from profiles.learning.segments import Segments
from profiles.learning.sentiment import Sentiment
from profiles.learning.spending import Value
from profiles.learning.talk import Topics
from profiles.learning.task import Task
from schemas.errors import PortraitError


class TaskNameError(PortraitError):
    """Two tasks of one name; evidence: `value`."""


def all_tasks(churn_horizon_days: float = 30) -> list[Task]:
    """Return fresh tasks, the shipped ones first.

    An entry point of the group `portrait.tasks` names a class (or a function) that makes a task.

    Raises:
        TaskNameError: a package's task has the name of another.
    """
    shipped = (Churn(churn_horizon_days), Segments(), Propensity(), Value(), NextCategory())
    return _distinct([*shipped, Anomaly(), Sentiment(), Topics(), *added_tasks()])


def _distinct(tasks: Iterable[Task]) -> list[Task]:
    by_name: dict[str, Task] = {}
    for task in tasks:
        if task.name in by_name:
            raise TaskNameError("two tasks of one name", value=task.name)
        by_name[task.name] = task
    return list(by_name.values())
