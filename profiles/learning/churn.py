"""Will this customer stay away? Asked at every order, answered by the next one or by time."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from profiles.learning.features import LONGEST_GAP_DAYS
from profiles.learning.models.blend import Blend
from profiles.learning.models.rule import FeatureRule
from profiles.learning.models.steady import SteadyLogistic
from profiles.learning.task import Answer, Asked, Kind, ModelFactory, Task, Text, days


class Churn(Task):
    """P(no order within the horizon)."""

    name = "churn"
    question = Text("Will this customer stay away?", "这位客户会不会流失？")
    kind = Kind.BINARY
    asked_at = "order"
    features = (
        "decayed_orders_7",
        "decayed_orders_30",
        "decayed_orders_90",
        "orders_per_month",
        "last_gap_days",
        "tenure_days",
        "returns_share",
        "views_30",
        "cart_adds_30",
        "mean_rating",
        "silent_days",
    )
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "blend": Blend,
        "steady": SteadyLogistic,
    }

    def __init__(self, horizon_days: float = 30) -> None:
        self.horizon = days(horizon_days)

    def label(self, asked: Asked, answers: Sequence[Answer]) -> bool:
        """Whether no order answered."""
        return not any(answer.kind == "purchase" for answer in answers)

    @staticmethod
    def rule(width: int) -> FeatureRule:
        """Recency alone: the longer the last gap, the likelier to leave."""
        place = Churn.features.index("last_gap_days")
        return FeatureRule(place, LONGEST_GAP_DAYS + 1, log=True)
