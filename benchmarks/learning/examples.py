"""Answered questions as columns: who, when, what was known, when the answer is known, and it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.learning.events import DAY_MS, Event
from benchmarks.learning.fold import Vector

Column = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Examples:
    """Questions of one task in the order of asking; all are answered (due) within the data."""

    customers: npt.NDArray[np.str_]
    asked_at: Times  # epoch ms
    due_at: Times
    features: Column  # (n, len(FEATURES)), raw
    labels: npt.NDArray[Any]  # of yes and no, or whatever the task's labels are
    scored: Flags  # whether it counts in the comparison; all are learnt from

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: Flags) -> "Examples":
        """Return those of them."""
        return Examples(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def purchases(events: Iterable[Event]) -> dict[str, list[int]]:
    """Times of each customer's purchase lines, ascending."""
    times: dict[str, list[int]] = defaultdict(list)
    for kind, event in events:
        if kind == "purchase" and event["type"] == "purchase":
            times[event["customer_id"]].append(event["ts"])
    return times


def order_times(vectors: Iterable[Vector]) -> dict[str, list[int]]:
    """Times at which each customer's orders began, ascending."""
    times: dict[str, list[int]] = defaultdict(list)
    for vector in sorted(vectors, key=lambda each: each.at):
        times[vector.customer].append(vector.at)
    return times


def asked(
    vectors: Sequence[Vector],
    times: dict[str, list[int]],
    horizon_days: float,
    ends_at: int,
    scored_from: int,
) -> Examples:
    """Ask of every vector: one of `times` later than it and within the horizon?

    Questions that are not due by `ends_at` have no answer and are left out.
    """
    horizon = round(horizon_days * DAY_MS)
    kept = due(vectors, horizon, ends_at)
    return answered(
        kept,
        horizon,
        scored_from,
        lambda v: follows(times.get(v.customer, []), v.at, v.at + horizon),
    )


def due(vectors: Iterable[Vector], horizon: int, ends_at: int) -> list[Vector]:
    """Return those whose answer is known by then, in the order of asking."""
    return sorted((v for v in vectors if v.at + horizon <= ends_at), key=lambda each: each.at)


def answered(
    asked: Sequence[Vector], horizon: int, scored_from: int, answer: Callable[[Vector], Any]
) -> Examples:
    """Return questions in the order of asking with what `answer` says of each."""
    at = np.array([each.at for each in asked], dtype=np.int64)
    return Examples(
        np.array([each.customer for each in asked]),
        at,
        at + horizon,
        np.array([each.features for each in asked]),
        np.array(list(map(answer, asked))),
        at >= scored_from,
    )


def follows(times: Sequence[int], after: int, until: int) -> bool:
    """Tell whether one of the ascending times is later than `after` and not than `until`.

    >>> follows([1, 5], 1, 4), follows([1, 5], 1, 5)
    (False, True)
    """
    return bisect_right(times, until) > bisect_right(times, after)
