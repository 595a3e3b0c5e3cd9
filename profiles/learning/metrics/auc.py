"""The area under the ROC curve of a stream, in bounded memory and with a known error."""

from collections import deque

from profiles.learning.model import State


class BinnedAuc:
    """AUC from two histograms of scores, one for each class.

    Scores that share a bin count as ties, one half each (Hanley and McNeil, 1982). So it is exact
    for scores that are whole bins, and off by at most `error()` for others.

    >>> auc = BinnedAuc(bins=10)
    >>> for score_bin, label in [(1, False), (5, True), (3, True), (5, False)]:
    ...     auc.add(score_bin, label)
    >>> auc.value(), auc.error()
    (0.625, 0.125)
    """

    def __init__(self, bins: int) -> None:
        self.histograms = ([0] * bins, [0] * bins)  # of negatives, of positives

    def add(self, score_bin: int, label: bool, times: int = 1) -> None:
        """Count a score; `times=-1` takes it back."""
        self.histograms[label][score_bin] += times

    def value(self) -> float | None:
        """The AUC, 0..1; None while a class is missing."""
        negatives, positives = self.histograms
        below = wins = 0
        for negative, positive in zip(negatives, positives, strict=True):
            wins += positive * (2 * below + negative)
            below += negative
        return wins / (2 * self._pairs()) if self._pairs() else None

    def error(self) -> float | None:
        """How far the unbinned AUC can be from `value()`: half the share of pairs in one bin."""
        tied = sum(a * b for a, b in zip(*self.histograms, strict=True))
        return tied / (2 * self._pairs()) if self._pairs() else None

    def _pairs(self) -> int:
        return sum(self.histograms[0]) * sum(self.histograms[1])

    def state(self) -> State:
        """Plain lists."""
        return {"histograms": self.histograms}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.histograms = state["histograms"]


class WindowedAuc:
    """The same over the last `window` scores."""

    def __init__(self, bins: int, window: int) -> None:
        self.auc = BinnedAuc(bins)
        self.recent: deque[tuple[int, bool]] = deque()
        self.window = window

    def add(self, score_bin: int, label: bool) -> None:
        """Count a score, and forget the oldest once the window is full."""
        self.auc.add(score_bin, label)
        self.recent.append((score_bin, label))
        if len(self.recent) > self.window:
            self.auc.add(*self.recent.popleft(), times=-1)

    def state(self) -> State:
        """A plain list."""
        return {"recent": list(self.recent)}

    def restore(self, state: State) -> None:
        """The inverse of `state`, on an empty window."""
        for score_bin, label in state["recent"]:
            self.add(score_bin, label)
