"""Does this feedback praise or complain? Asked when somebody writes, answered by the rating."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from profiles.learning.model import Inputs, Row
from profiles.learning.models.arow import Arow
from profiles.learning.models.bayes_logistic import BayesLogistic
from profiles.learning.task import Answer, Asked, Kind, ModelFactory, Task, Text
from profiles.learning.text.ngrams import NGrams

NGRAMS = NGrams(bits=20, n=3)
PRAISE, COMPLAINT = 4.0, 2.0  # stars from which, and up to which; 3 says neither


def _bayes_logistic(width: int) -> BayesLogistic:
    return BayesLogistic(NGRAMS)


def _arow(width: int) -> Arow:
    return Arow(NGRAMS)


class Sentiment(Task):
    """P(praise), of a text; learnt from those that come with a rating from 1 to 5."""

    name = "sentiment"
    question = Text("Does this feedback praise or complain?", "这条评价是好评还是差评？")
    kind = Kind.BINARY
    asked_at = "feedback"
    remembers = ("text", "rating")
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "bayes_logistic": _bayes_logistic,
        "arow": _arow,
    }

    def inputs(self, row: Row, about: Mapping[str, Any]) -> Inputs:
        """The n-grams of the text; nothing is asked without one."""
        return NGRAMS.indices(about["text"]) if "text" in about else None

    def label(self, asked: Asked, answers: Sequence[Answer]) -> bool | None:
        """Whether the rating praises; None without one, in between, or on another scale."""
        rating = asked.about.get("rating")
        if rating is None or COMPLAINT < rating < PRAISE or rating > 5.0:
            return None
        return bool(rating >= PRAISE)
