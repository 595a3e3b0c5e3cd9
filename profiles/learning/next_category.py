"""What will this customer need next? Asked at every order, answered by the next one's category."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from profiles.learning.model import Inputs, Row, Tastes
from profiles.learning.models.rule import Rule
from profiles.learning.models.tastes import TasteSoftmax, Transitions
from profiles.learning.task import Answer, Asked, Kind, ModelFactory, Task, Text, days


class Same(Rule):
    """As so far: what makes up most of the past.

    >>> Same().predict({"tea": 0.75, "cups": 0.25})
    {'tea': 0.75, 'cups': 0.25}
    """

    def predict(self, x: Tastes) -> dict[str, float]:
        """The shares as probabilities."""
        return dict(x)


class NextCategory(Task):
    """{category: P} of the next order within 30 days, its first line's; no order, no lesson."""

    name = "next_category"
    question = Text("What will they need next?", "下次会买什么？")
    kind = Kind.MULTICLASS
    asked_at = "order"
    horizon = days(30)
    remembers = ("tastes",)
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "softmax": TasteSoftmax,
        "transitions": Transitions,
    }

    def inputs(self, row: Row, about: Mapping[str, Any]) -> Inputs:
        """The tastes; nothing is asked in a shop without categories."""
        return about.get("tastes")

    def label(self, asked: Asked, answers: Sequence[Answer]) -> str | None:
        """The category of the first order that has one."""
        categories = (answer.category for answer in answers if answer.kind == "purchase")
        return next((category for category in categories if category), None)

    @staticmethod
    def rule(width: int) -> Same:
        """They buy what they have liked so far."""
        return Same()
