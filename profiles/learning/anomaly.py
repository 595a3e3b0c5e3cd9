"""Is this purchase unlike this customer? Asked at sampled events; nothing answers it."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from profiles.learning.model import Inputs, Row, Tastes
from profiles.learning.models.half_spaces import HalfSpaces
from profiles.learning.task import Kind, ModelFactory, Task, Text

COMPARISONS = 3


def _half_spaces(width: int) -> HalfSpaces:
    return HalfSpaces(COMPARISONS, height=4)  # few comparisons, few questions about them


class Anomaly(Task):
    """How strange, 0..1, a line is beside what its customer has bought before.

    Compared are its amount with the mean order, the pause before it with the mean pause, and its
    category with the tastes; customers without an order are nobody yet to be unlike.
    """

    name = "anomaly"
    question = Text("Is this purchase unlike this customer?", "这笔购买像不像这位客户？")
    kind = Kind.ANOMALY
    asked_at = "event"
    public = False
    features = ("orders", "revenue", "recency_days", "mean_gap_days")
    remembers = ("amount", "category", "tastes")
    warm_up = 0
    models: ClassVar[Mapping[str, ModelFactory]] = {"half_spaces": _half_spaces}

    def inputs(self, row: Row, about: Mapping[str, Any]) -> Inputs:
        """The comparisons; 0 is as usual. None without an amount, or an order before it."""
        orders, revenue, recency, gap = (row[position] for position in range(4))
        if "amount" not in about or not orders:
            return None
        usual = math.expm1(revenue) / math.expm1(orders)
        return {
            0: math.log1p(about["amount"]) - math.log1p(usual),
            1: recency - gap if gap else 0.0,  # logarithms
            2: _unfamiliar(about.get("category"), about.get("tastes", {})),
        }


def _unfamiliar(category: str | None, tastes: Tastes) -> float:
    """How little of the tastes a category makes up, 0..1; 0 where nothing can be said.

    >>> _unfamiliar("tea", {"tea": 0.75, "cups": 0.25}), _unfamiliar(None, {"tea": 1.0})
    (0.25, 0.0)
    """
    return 1.0 - tastes.get(category, 0.0) if category and tastes else 0.0
