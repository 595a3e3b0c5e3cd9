"""Which tasks are learnt, with their settings."""

from profiles.learning.churn import Churn
from profiles.learning.learner import Learner
from profiles.learning.segments import Segments
from profiles.learning.task import Task
from profiles.settings import Settings


def tasks_of(settings: Settings) -> list[Task]:
    """Return fresh tasks."""
    return [Churn(settings.churn_horizon_days), Segments()]


def learner_of(settings: Settings) -> Learner:
    """Return a learner that knows nothing yet."""
    return Learner(tasks_of(settings), holdout=settings.holdout_share)
