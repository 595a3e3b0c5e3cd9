"""The names of tasks, for those who need no more: tasks bring libraries that take seconds."""

from collections.abc import Iterable
from importlib.metadata import entry_points

from profiles.learning.task import Task
from profiles.nearest import perhaps
from schemas.errors import PortraitError

ENTRY_POINT = "portrait.tasks"

SHIPPED = (
    "churn", "segment", "propensity", "value", "next_category", "anomaly", "sentiment", "topics",
)  # fmt: skip


class UnknownTaskError(PortraitError):
    """A setting names tasks that there are not; evidence: `value`, `expected`."""


def added_tasks() -> list[Task]:
    """Return fresh tasks of installed packages: their entry points name what makes one each."""
    return [point.load()() for point in sorted(entry_points(group=ENTRY_POINT))]


def check_names(setting: str, names: Iterable[str]) -> None:
    """Hold a setting to the names that tasks have; packages' tasks are made only if need be.

    Raises:
        UnknownTaskError: names the setting, what no task is called, and what tasks are called.
    """
    unknown = sorted(set(names) - set(SHIPPED))
    if not unknown:
        return
    known = [*SHIPPED, *(task.name for task in added_tasks())]
    unknown = [name for name in unknown if name not in known]
    if unknown:
        raise UnknownTaskError(
            f"{setting}: no task {', '.join(unknown)}{perhaps(unknown, known)}",
            value=unknown,
            expected=f"some of {', '.join(known)}",
        )
