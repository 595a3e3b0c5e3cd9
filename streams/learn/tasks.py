"""Which tasks are learnt, with their settings."""

from profiles.learning.churn import Churn
from profiles.learning.segments import Segments
from profiles.learning.task import Task
from profiles.settings import Settings


def tasks_of(settings: Settings) -> list[Task]:
    """Return fresh tasks."""
    return [Churn(settings.churn_horizon_days), Segments()]
