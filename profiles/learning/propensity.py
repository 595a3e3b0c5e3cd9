"""Will this visit end in a purchase? Asked when a visit begins, answered by an order or by time."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from profiles.learning.models.blend import Blend
from profiles.learning.models.rule import FeatureRule
from profiles.learning.models.steady import SteadyLogistic
from profiles.learning.task import Answer, Asked, Kind, ModelFactory, Task, Text, days

VISIT_DAYS = 4 / 24
"""A visit ends with 30 minutes of silence: its own order is in time, the next visit's rarely is."""

DAILY = 44.0  # purchase days, half-life 30 days, of whoever buys every day


class Propensity(Task):
    """P(an order within four hours)."""

    name = "propensity"
    question = Text("Will this visit end in a purchase?", "这次访问会不会成交？")
    kind = Kind.BINARY
    asked_at = "visit"
    horizon = days(VISIT_DAYS)
    features = (
        "orders",
        "orders_per_month",
        "decayed_orders_7",
        "decayed_orders_30",
        "last_gap_days",
        "recency_days",
        "views_30",
        "cart_adds_30",
        "returns_share",
        "mean_rating",
    )
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "blend": Blend,
        "steady": SteadyLogistic,
    }

    def label(self, asked: Asked, answers: Sequence[Answer]) -> bool:
        """Whether an order answered."""
        return any(answer.kind == "purchase" for answer in answers)

    @staticmethod
    def rule(width: int) -> FeatureRule:
        """Purchase days of lately alone: who has bought will buy."""
        return FeatureRule(Propensity.features.index("decayed_orders_30"), DAILY, log=True)
