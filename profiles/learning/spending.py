"""What will this customer spend? Asked at every order, answered when the horizon has passed."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from profiles.learning.model import Row
from profiles.learning.models.recursive import RecursiveLeastDeviations, RecursiveLeastSquares
from profiles.learning.models.regression import LeastSquares
from profiles.learning.models.rule import Rule
from profiles.learning.task import Answer, Asked, Kind, ModelFactory, Task, Text, days

HORIZON_DAYS = 30
AMOUNT_SCALE = 10_000  # of an answer's amount


class Value(Task):
    """Spent on later orders within 30 days, in the base currency; 0 where there is none.

    What comes back is not subtracted: it was mostly bought before the question, and spending is
    what `revenue` counts, too. Models answer in the middle of what may come, not with its mean:
    sums of answers are below what is spent in the end (docs/learning.md).
    """

    name = "value"
    question = Text("What will they spend in the next 30 days?", "未来 30 天会消费多少？")
    kind = Kind.REGRESSION
    asked_at = "order"
    horizon = days(HORIZON_DAYS)
    features = (
        "spent_per_month",
        "orders_per_month",
        "decayed_orders_7",
        "decayed_orders_30",
        "decayed_orders_90",
        "revenue",
        "last_gap_days",
        "tenure_days",
        "views_30",
    )
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "deviations": RecursiveLeastDeviations,
        "recursive": RecursiveLeastSquares,
        "least_squares": partial(LeastSquares, rate=0.003),
    }

    def label(self, asked: Asked, answers: Sequence[Answer]) -> float:
        """The sum of the purchases."""
        paid = sum(answer.amount for answer in answers if answer.kind == "purchase")
        return paid / AMOUNT_SCALE

    @staticmethod
    def rule(width: int) -> "Pace":
        """They go on as they have begun."""
        return Pace(Value.features.index("spent_per_month"))


class Pace(Rule):
    """A feature that is an amount, as it is; the catalogue gives it as log1p.

    >>> round(Pace(position=0).predict({0: math.log1p(30.0)}), 6)
    30.0
    """

    def __init__(self, position: int) -> None:
        self.position = position

    def predict(self, x: Row) -> float:
        """In the label's unit."""
        return math.expm1(x[self.position])
