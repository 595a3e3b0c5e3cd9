"""What do people talk about? Asked when somebody writes; there is no answer to wait for."""

from collections.abc import Mapping
from typing import Any, ClassVar

from profiles.learning.model import Inputs, Row
from profiles.learning.task import Kind, ModelFactory, Task, Text
from profiles.learning.text.topics import TopicModel


def _topics(width: int) -> TopicModel:
    return TopicModel()


class Topics(Task):
    """Shares of the topics that online LDA finds in what customers write."""

    name = "topics"
    question = Text("What do people talk about?", "顾客在谈论什么？")
    kind = Kind.TOPICS
    asked_at = "feedback"
    remembers = ("text",)
    warm_up = 0
    models: ClassVar[Mapping[str, ModelFactory]] = {"online_lda": _topics}

    def inputs(self, row: Row, about: Mapping[str, Any]) -> Inputs:
        """The text itself; nothing is asked without one."""
        return about.get("text")
