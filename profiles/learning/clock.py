"""When is it too late for an answer? Event time of the sources, robust to strays and silence."""

from statistics import median_low

from profiles.learning.model import Source, State

RECENT = 9  # a source's time is the median of so many event times: four strays cannot move it
DAY_MS = 86_400_000
BEGINNING = -(2**53)  # before any event


class Clock:
    """Event time, epoch ms, for each source partition; it never goes back.

    A customer's events share a partition, so that partition's own time decides when a question has
    waited long enough: a partition that is merely read later than the others loses no answer.
    A partition that is idle, though, would wait for ever. So every partition follows, `grace_ms`
    behind, a low quantile of all partitions' times: the second lowest, of eight or more the
    lowest quarter. One idle partition cannot hold that quantile back.

    A partition has no time of its own before its ninth event.

    >>> clock = Clock(grace_ms=10)
    >>> [clock.observe(("purchase", 0), at) for at in range(9)][-1]
    [(('purchase', 0), 4)]
    """

    def __init__(self, grace_ms: int = 30 * DAY_MS) -> None:
        self.grace_ms = grace_ms
        self._recent: dict[Source, list[int]] = {}
        self._own: dict[Source, int] = {}
        self._common = BEGINNING  # the low quantile

    def observe(self, source: Source, at: int) -> list[tuple[Source, int]]:
        """Take in an event time of `source`; returns every source whose clock may have moved."""
        recent = self._recent.setdefault(source, [])
        recent.append(at)
        del recent[:-RECENT]
        before, now = self._own.get(source, BEGINNING), median_low(recent)
        if len(recent) < RECENT or now <= before:
            return []
        self._own[source] = now
        # a source above the quantile that moves further up leaves the quantile where it is
        if before > self._common:
            return [(source, self.of(source))]
        return self._moved(source)

    def of(self, source: Source) -> int:
        """The clock of a source; BEGINNING or earlier where nothing is known yet."""
        return max(self._own.get(source, BEGINNING), self._common - self.grace_ms)

    @property
    def common(self) -> int:
        """The low quantile of all sources; BEGINNING where nothing is known yet."""
        return self._common

    def forget(self, source: Source) -> None:
        """Go on without a source, whose time would hold the others back."""
        self._recent.pop(source, None)
        self._own.pop(source, None)

    def state(self) -> State:
        """Plain containers."""
        return {"recent": self._recent, "own": self._own, "common": self._common}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self._recent, self._own, self._common = state["recent"], state["own"], state["common"]

    def _moved(self, source: Source) -> list[tuple[Source, int]]:
        times = sorted(self._own.values())
        common = times[min(len(times) - 1, max(1, len(times) // 4))]
        if common <= self._common:
            return [(source, self.of(source))]
        self._common = common
        return [(each, self.of(each)) for each in sorted(self._recent)]
