"""A learning task is a declaration: what is asked, when, what the answer is, and who may answer.

One small file per task; the engine (`profiles.learning.task_learner`) does the rest. A task of
another package is found by its entry point (docs/how-to-add-a-task.md).
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from profiles.learning.model import Inputs, Model, Numbers, Row
from schemas.examples import AskedAt

DAY_MS = 86_400_000

ModelFactory = Callable[[int], Model]
"""Makes an untaught model; it is told the number of features."""


class Text(NamedTuple):
    """Words for people, in both languages."""

    en: str
    zh: str


class Kind(StrEnum):
    """What a model of the task predicts, and what its label is."""

    BINARY = "binary"  # P(True), 0..1; label: bool
    MULTICLASS = "multiclass"  # {class: P}; label: str
    REGRESSION = "regression"  # float; label: float
    CLUSTERS = "clusters"  # profiles.learning.model.Assigned; no label
    TOPICS = "topics"  # {topic: share}; no label
    ANOMALY = "anomaly"  # 0..1, how strange; no label


UNLABELLED = frozenset({Kind.CLUSTERS, Kind.TOPICS, Kind.ANOMALY})


class Asked(NamedTuple):
    """A question as it was asked: event time (ms), prepared features, what the event said."""

    at: int
    row: Row
    about: Mapping[str, Any]


class Answer(NamedTuple):
    """What a customer did after a question and within its horizon: an order or a return."""

    at: int  # event time, epoch ms, of its first line
    kind: str  # purchase | return
    amount: int  # 1e-4 of the base currency's unit, all lines so far
    category: str | None  # of the first line that has one


class Promotion(NamedTuple):
    """When a challenger becomes the champion: by how much it has to be better, and how long.

    Compared is the windowed quality of the task's metrics (`Metrics.quality`), on the same
    examples, again and again: it has to lead throughout `minimum` of them.
    """

    margin: float = 0.01
    minimum: int = 2_000


class Task:
    """Base of all tasks. All of it is pure: the same calls in the same order, the same numbers."""

    name: str
    question: Text
    kind: Kind
    asked_at: AskedAt
    models: ClassVar[Mapping[str, ModelFactory]]
    """The contestants by name, the first is the first champion; all learn from every example."""

    features: tuple[str, ...] = ()
    """Names from `profiles.learning.features`, in the order of the rows' positions."""

    remembers: tuple[str, ...] = ()
    """Keys of `about` that `inputs` and `label` need; the others are not kept."""

    horizon: int = 0
    """How long an answer is waited for, ms; 0: the question answers itself, or nothing does."""

    warm_up: int = 200
    """Answers learnt before there are scores; until then nothing is measured."""

    public: bool = True
    """Whether profiles show its score: it needs no event, only what is known of a customer."""

    rule: ModelFactory | None = None
    """A simple rule that the models have to beat: measured on the same examples, never champion."""

    promotion: Promotion = Promotion()

    def asks(self, features: Sequence[float]) -> bool:
        """Whether to ask about a customer of these raw features (the whole catalogue)."""
        return True

    def inputs(self, row: Row, about: Mapping[str, Any]) -> Inputs:
        """What models see: by default the features; None: nothing to ask about here."""
        return row

    def label(self, asked: Asked, answers: Sequence[Answer]) -> Any:
        """What `answers` (oldest first, all within the horizon) say; None: nothing to learn."""
        return None

    def settings(self) -> Numbers:
        """What changes the meaning of what was learnt."""
        return {
            "features": list(self.features),
            "remembers": list(self.remembers),
            "horizon": self.horizon,
            "models": list(self.models),
        }


def days(number: float) -> int:
    """Days as milliseconds.

    >>> days(1.5)
    129600000
    """
    return round(number * DAY_MS)
