"""Champion and challengers of one task: all are measured on every example, then all learn it."""

import math
from typing import Any, NamedTuple

from profiles.learning.metrics import FAMILIES
from profiles.learning.metrics.metrics import Metrics
from profiles.learning.model import Inputs, Model, Numbers, Prediction, State
from profiles.learning.task import Task
from schemas.errors import PortraitError
from schemas.examples import Command

CHECKED_EVERY = 100  # examples between two looks at the challengers
MOST_CHANGES = 50
RULE = "rule"


class UnknownModelError(PortraitError):
    """A command names a model that does not take part; evidence: `value`, `expected`."""


class Contestant(NamedTuple):
    """A model and its figures."""

    model: Model
    metrics: Metrics


class Change(NamedTuple):
    """A change of champion, as the card shows it."""

    learnt: int  # examples of the task until then
    before: str
    after: str
    by: str  # rule | promote | rollback
    qualities: dict[str, float | None]  # windowed, of every contestant then


class Contest:
    """Who answers for a task.

    A challenger whose windowed quality has long been better than the champion's by the task's
    margin takes its place, unless somebody has chosen the champion by hand: then it stays until it
    is released. For long, since two models that are equally good take turns in being better by
    chance, and who follows every turn is served worse than by either (docs/learning.md).
    """

    def __init__(self, task: Task) -> None:
        width, makers = len(task.features), dict(task.models)
        if task.rule is not None:
            makers[RULE] = task.rule
        self.contestants = {
            name: Contestant(maker(width), FAMILIES[task.kind]()) for name, maker in makers.items()
        }
        self.challengers = list(task.models)
        self.champion = self.challengers[0]
        self.learnt = 0
        self.pinned = False
        self.changes: list[Change] = []
        self._task = task
        self._leading_since: dict[str, int] = {}  # challengers, by examples learnt until then

    @property
    def ready(self) -> bool:
        """Whether enough has been learnt to say anything."""
        return self.learnt >= self._task.warm_up

    @property
    def place(self) -> int:
        """Of the champion among the predictions."""
        return list(self.contestants).index(self.champion)

    def ask(self, x: Inputs) -> list[Prediction]:
        """What each contestant says, in their order; None before the warm-up is over."""
        for each in self.contestants.values():
            each.model.observe(x)
        if not self.ready:
            return [None] * len(self.contestants)
        return [each.model.predict(x) for each in self.contestants.values()]

    def learn(self, x: Inputs, predictions: list[Prediction], label: Any) -> None:
        """Measure what each had said, then let each learn the answer."""
        for each, prediction in zip(self.contestants.values(), predictions, strict=True):
            if prediction is not None:
                each.metrics.update(prediction, label)
        for each in self.contestants.values():
            each.model.learn(x, label)
        self.learnt += 1
        if self.learnt % CHECKED_EVERY == 0:
            self._promote_by_rule()

    def obey(self, command: Command) -> None:
        """Do as a person says.

        Raises:
            UnknownModelError: no such model takes part; nothing has changed.
        """
        if command.action == "release":
            self.pinned = False
            return
        model = command.model
        if command.action == "rollback":
            model = self.changes[-1].before if self.changes else self.champion
        if model not in self.challengers:
            raise UnknownModelError("no such model", value=model, expected=self.challengers)
        self.pinned = True
        if model != self.champion:
            self._crown(model, command.action)

    def _promote_by_rule(self) -> None:
        margin, minimum = self._task.promotion
        qualities = {name: self.contestants[name].metrics.quality() for name in self.challengers}
        known = {name: quality for name, quality in qualities.items() if quality is not None}
        to_beat = known.get(self.champion, math.inf) + margin
        leading = [name for name, quality in known.items() if quality > to_beat]
        self._leading_since = {name: self._leading_since.get(name, self.learnt) for name in leading}
        long = [n for n, since in self._leading_since.items() if self.learnt - since >= minimum]
        if long and not self.pinned:
            self._crown(max(long, key=known.__getitem__), RULE)

    def _crown(self, model: str, by: str) -> None:
        qualities = {name: each.metrics.quality() for name, each in self.contestants.items()}
        self.changes.append(Change(self.learnt, self.champion, model, by, qualities))
        del self.changes[:-MOST_CHANGES]
        self.champion = model
        self._leading_since = {}

    def state(self) -> State:
        """The contestants' states and plain containers."""
        return {
            "contestants": {
                name: (each.model.state(), each.metrics.state())
                for name, each in self.contestants.items()
            },
            **self._standing(),
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        for name, (model, metrics) in state["contestants"].items():
            self.contestants[name].model.restore(model)
            self.contestants[name].metrics.restore(metrics)
        self.champion, self.learnt, self.pinned = (
            state["champion"], state["learnt"], state["pinned"],
        )  # fmt: skip
        self.changes = [Change(*change) for change in state["changes"]]
        self._leading_since = dict(state["leading_since"])

    def parameters(self) -> Numbers:
        """Every contestant's numbers and metrics, and who is the champion."""
        return {
            "contestants": {
                name: {**each.model.parameters(), "metrics": each.metrics.values()}
                for name, each in self.contestants.items()
            },
            **self._standing(),
        }

    def export(self) -> Numbers | None:
        """The champion's numbers; None before the warm-up is over."""
        numbers = self.contestants[self.champion].model.export() if self.ready else None
        return None if numbers is None else {**numbers, "model": self.champion}

    def card(self) -> Numbers:
        """Figures for people."""
        metrics = {name: each.metrics.values() for name, each in self.contestants.items()}
        champion = self.contestants[self.champion]
        shown = dict(metrics[self.champion])
        if RULE in metrics:
            headline = champion.metrics.headline
            shown[f"{headline}_{RULE}"] = metrics[RULE][headline]
        return {
            **champion.model.describe(self._task.features),
            "n_examples": self.learnt,
            "champion": self.champion,
            "pinned": self.pinned,
            "metrics": shown,
            "contestants": metrics,
            "changes": [change._asdict() for change in self.changes],
        }

    def _standing(self) -> Numbers:
        return {
            "champion": self.champion,
            "learnt": self.learnt,
            "pinned": self.pinned,
            "leading_since": dict(self._leading_since),
            "changes": [list(change) for change in self.changes],
        }
