"""A learner as the settings say."""

from profiles.learning.learner import Learner
from profiles.learning.tasks import all_tasks
from profiles.settings import Settings


def learner_of(settings: Settings) -> Learner:
    """Return a learner that knows nothing yet."""
    tasks = all_tasks(settings.churn_horizon_days)
    return Learner(tasks, holdout=settings.holdout_share)
