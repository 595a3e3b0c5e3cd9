"""Has the world changed? Errors are watched by ADWIN, inputs by their population stability."""

from bisect import bisect_right
from typing import Any, NamedTuple

import numpy as np
from river.drift import ADWIN

from profiles.learning.model import Numbers, Prediction, Row, State
from profiles.learning.task import Kind

REFERENCE = 2_000  # rows that edges come from, and rows that are compared with them at a time
CELLS = 10  # tenths of the reference; values that are frequent have cells of their own
SHIFTED = 0.25  # stability indexes from here on mean another population (Siddiqi, 2006)
LATELY = 0.02  # the error of now is the mean of about the last 50
SMALLEST = 1e-4  # share that an empty cell counts as

CLASSES = frozenset(
    {"river.drift.adwin.ADWIN", "river._river_rust.drift.AdaptiveWindowing", "_codecs.encode"}
)


class Drift(NamedTuple):
    """A change that was noticed."""

    what: str  # "errors", or the position of an input
    at: int  # event time, epoch ms
    examples: int  # seen until then
    before: float  # mean error, or 0
    after: float  # mean error, or the stability index


class ErrorWatch:
    """ADWIN on errors of 0..1 (Bifet and Gavaldà, SIAM Data Mining 2007).

    `delta` bounds how often chance alone looks like a change, at each look.

    >>> watch = ErrorWatch()
    >>> found = [watch.update(at, float(at >= 500)) for at in range(600)]
    >>> [drift.what for drift in found if drift]
    ['errors']
    """

    def __init__(self, delta: float = 0.002) -> None:
        self.detector: Any = ADWIN(delta=delta)  # type: ignore[no-untyped-call]  # river's
        self.n = 0
        self.lately = 0.0

    def update(self, at: int, error: float) -> Drift | None:
        """Take in one error; the change that it reveals, if any."""
        before = self.detector.estimation
        self.n += 1
        # when it fires, the detector's own mean is still mostly the past's
        self.lately += max(LATELY, 1 / self.n) * (error - self.lately)
        self.detector.update(error)
        if not self.detector.drift_detected:
            return None
        return Drift("errors", at, self.n, before, self.lately)

    def state(self) -> State:
        """The detector (see CLASSES) and plain numbers."""
        return dict(vars(self))

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)


def error_of(kind: Kind, prediction: Prediction, label: Any) -> float:
    """How wrong a prediction was, 0..1, whatever the kind of task.

    >>> error_of(Kind.BINARY, 0.75, True), error_of(Kind.REGRESSION, 10.0, 30.0)
    (0.25, 0.5)
    """
    if kind is Kind.MULTICLASS:
        return 1.0 - float(prediction.get(label, 0.0))
    gap, size = abs(float(prediction) - float(label)), abs(prediction) + abs(label)
    if kind is Kind.REGRESSION:
        return gap / size if size else 0.0
    return gap


class InputWatch:
    """Population stability index of each input, window by window.

    The first REFERENCE rows give the cells of every input; each further window of as many rows is
    compared with them. A window in which an input has moved becomes the reference.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.n = 0
        self.rows: list[tuple[float, ...]] = []  # of the window that is being filled
        self.edges: list[list[float]] = []  # inner edges, by input
        self.expected: list[list[float]] = []  # shares of the cells, by input
        self.latest: list[float] = []  # indexes of the last full window

    def update(self, at: int, row: Row) -> list[Drift]:
        """Take in one row; at the end of a window the inputs that have moved."""
        self.n += 1
        self.rows.append(tuple(row[position] for position in range(self.width)))
        if len(self.rows) < REFERENCE:
            return []
        columns = [list(column) for column in zip(*self.rows, strict=True)]
        self.rows = []
        return self._compare(at, columns) if self.edges else self._refer_to(columns)

    def _compare(self, at: int, columns: list[list[float]]) -> list[Drift]:
        self.latest = [
            stability_index(expected, _shares(column, edges))
            for column, edges, expected in zip(columns, self.edges, self.expected, strict=True)
        ]
        moved = [
            Drift(str(position), at, self.n, 0.0, index)
            for position, index in enumerate(self.latest)
            if index >= SHIFTED
        ]
        if moved:
            self._refer_to(columns)
        return moved

    def _refer_to(self, columns: list[list[float]]) -> list[Drift]:
        self.edges = [_edges(column) for column in columns]
        self.expected = [_shares(*pair) for pair in zip(columns, self.edges, strict=True)]
        return []

    def values(self) -> Numbers:
        """The indexes of the last full window by input; empty before the second is full."""
        return {"stability": list(self.latest), "n": self.n}

    def state(self) -> State:
        """Plain containers."""
        return dict(vars(self))

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)


def stability_index(expected: list[float], observed: list[float]) -> float:
    """PSI: the sum of (observed - expected) · ln(observed / expected) over cells.

    It is the symmetrized Kullback-Leibler divergence (Kullback and Leibler, 1951); below 0.1
    nothing has moved, from 0.25 on the population is another.

    >>> round(stability_index([0.5, 0.5], [0.8, 0.2]), 4)
    0.4159
    """
    before = np.maximum(expected, SMALLEST)
    after = np.maximum(observed, SMALLEST)
    return float(np.sum((after - before) * np.log(after / before)))


def _edges(column: list[float]) -> list[float]:
    """Inner edges: the tenths. A value on which several of them fall is a cell of its own.

    Most of many inputs is one value (nothing returned, nothing rated): without an edge behind it,
    that would share a cell with all that lies above.

    >>> _shares([0.0, 0.0, 7.0], _edges([0.0] * 19 + [7.0])) == [0.0, 2 / 3, 1 / 3]
    True
    """
    tenths = np.quantile(column, np.arange(1, CELLS) / CELLS, method="inverted_cdf")
    values, times = np.unique(tenths, return_counts=True)
    ends = np.nextafter(values[times > 1], np.inf)
    return [float(edge) for edge in np.unique(np.concatenate((values, ends)))]


def _shares(column: list[float], edges: list[float]) -> list[float]:
    cells = [0] * (len(edges) + 1)
    for value in column:
        cells[bisect_right(edges, value)] += 1
    return [count / len(column) for count in cells]
