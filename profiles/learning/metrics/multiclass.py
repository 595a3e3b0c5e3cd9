"""How good a classifier of many classes is."""

import math
from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice
from typing import ClassVar, NamedTuple

from profiles.learning.metrics.curves import share
from profiles.learning.model import Numbers, State

CLASSES = 50  # told apart in the confusion table; the ones that come later share one name
OTHER = "(other)"
HITS = (1, 3, 5)
WINDOW = 2_000
FLOOR = 1e-6
SHOWN = 10  # classes in a card's confusion table


class Answered(NamedTuple):
    """One example as the window remembers it."""

    label: str
    predicted: str
    rank: int  # of the label among the predictions, from 0; HITS[-1] where it is not that high
    loss: float


class Tally:
    """Sums over examples, to which some are added and from which others are taken away.

    The loss is summed anew over a window, since floats that are taken away leave their dust.
    """

    def __init__(self) -> None:
        self.cells: Counter[tuple[str, str]] = Counter()  # (label, predicted)
        self.ranks = [0] * (HITS[-1] + 1)

    def add(self, answered: Answered, times: int = 1) -> None:
        """Count an example; `times=-1` takes it back."""
        self.cells[answered.label, answered.predicted] += times
        self.ranks[answered.rank] += times

    def values(self) -> Numbers:
        """Accuracy, balanced accuracy, macro F1 and hits; None where nothing has been counted."""
        n = sum(self.ranks)
        hits = {f"hit_at_{k}": share(sum(self.ranks[:k]), n) for k in HITS}
        return {"accuracy": hits["hit_at_1"], **self._per_class(), **hits}

    def _per_class(self) -> Numbers:
        labels: Counter[str] = Counter()
        predicted: Counter[str] = Counter()
        for (label, guess), times in self.cells.items():
            labels[label] += times
            predicted[guess] += times
        classes = sorted(name for name in labels | predicted if labels[name] or predicted[name])
        recalls = [self.cells[c, c] / labels[c] for c in classes if labels[c]]
        f1s = [2 * self.cells[c, c] / (labels[c] + predicted[c]) for c in classes]
        return {
            "balanced_accuracy": share(math.fsum(recalls), len(recalls)),
            "macro_f1": share(math.fsum(f1s), len(f1s)),
        }

    def table(self) -> Numbers:
        """Label → predicted → n, of the most frequent labels."""
        labels: Counter[str] = Counter()
        for (label, _), times in self.cells.items():
            labels[label] += times
        return {
            label: {g: n for (each, g), n in sorted(self.cells.items()) if each == label and n}
            for label, _ in sorted(labels.most_common(SHOWN))
        }


class MulticlassMetrics:
    """Predictions are {class: probability}; `recent` is the last WINDOW examples.

    >>> metrics = MulticlassMetrics()
    >>> metrics.update({"tea": 0.7, "cups": 0.3}, "tea")
    >>> metrics.update({"tea": 0.7, "cups": 0.3}, "cups")
    >>> values = metrics.values()
    >>> values["accuracy"], values["hit_at_3"], values["balanced_accuracy"]
    (0.5, 1.0, 0.5)
    """

    headline: ClassVar[str] = "hit_at_3"

    def __init__(self) -> None:
        self.n = 0
        self.loss = 0.0
        self.classes: dict[str, None] = {}
        self.tally, self.recent_tally = Tally(), Tally()
        self.recent: deque[Answered] = deque()

    def update(self, prediction: dict[str, float], label: str) -> None:
        """Count one example: the probabilities by class, and which it was."""
        answered = self._answered(prediction, label)
        self.n += 1
        self.loss += answered.loss
        self.tally.add(answered)
        self.recent_tally.add(answered)
        self.recent.append(answered)
        if len(self.recent) > WINDOW:
            self.recent_tally.add(self.recent.popleft(), times=-1)

    def _answered(self, prediction: dict[str, float], label: str) -> Answered:
        # of equals the first by name: no order of a dict decides
        ranked = sorted(prediction, key=lambda name: (-prediction[name], name))[: HITS[-1]]
        rank = ranked.index(label) if label in ranked else HITS[-1]
        loss = -math.log(max(prediction.get(label, 0.0), FLOOR))
        guess = ranked[0] if ranked else OTHER
        return Answered(self._known(label), self._known(guess), rank, loss)

    def _known(self, name: str) -> str:
        if name not in self.classes and len(self.classes) >= CLASSES:
            return OTHER
        self.classes[name] = None
        return name

    def values(self) -> Numbers:
        """All figures; None where nothing can be said yet."""
        recent = self.recent_tally.values() | {"log_loss": _mean(a.loss for a in self.recent)}
        return {
            "n": self.n,
            "log_loss": share(self.loss, self.n),
            **self.tally.values(),
            "confusion": self.tally.table(),
            **{f"{name}_recent": value for name, value in recent.items()},
        }

    def quality(self) -> float | None:
        """The share of the last WINDOW examples whose label was among the first three."""
        top = sum(islice(self.recent_tally.ranks, 3))
        return share(top, len(self.recent))

    def state(self) -> State:
        """Plain containers."""
        return {
            "n": self.n,
            "loss": self.loss,
            "classes": list(self.classes),
            "cells": list(self.tally.cells.items()),
            "ranks": self.tally.ranks,
            "recent": [tuple(answered) for answered in self.recent],
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on fresh metrics."""
        self.n, self.loss = state["n"], state["loss"]
        self.classes = dict.fromkeys(state["classes"])
        self.tally.cells = Counter(dict(state["cells"]))
        self.tally.ranks = state["ranks"]
        for answered in state["recent"]:
            self.recent.append(Answered(*answered))
            self.recent_tally.add(self.recent[-1])


def _mean(losses: Iterable[float]) -> float | None:
    values = list(losses)
    return share(math.fsum(values), len(values))
