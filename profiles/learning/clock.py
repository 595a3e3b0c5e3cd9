"""When is it too late for an answer? Event time of the sources, robust to strays and silence."""

from statistics import median_low

from profiles.learning.model import Source, State

RECENT = 9  # a source's time is the median of so many event times: four strays cannot move it
DAY_MS = 86_400_000
BEGINNING = -(2**53)  # before any event

SILENCE = 50_000
"""Observations of the whole clock: whose own last nine go further back is silent. Half of what a
learner's history holds, so that a topic that has gone is noticed before the sample halves."""

LOOKS = 50
"""Looks at who has fallen silent, within as many observations as silence takes."""


class Clock:
    """Event time, epoch ms, for each source partition; it never goes back.

    A customer's events share a partition, so that partition's own time decides when a question has
    waited long enough: a partition that is merely read later than the others loses no answer.
    A partition that is idle, though, would wait for ever. So every partition follows, `grace_ms`
    behind, a low quantile of all partitions' times: the second lowest, of eight or more the
    lowest quarter. One idle partition cannot hold that quantile back.

    Many can, as those of a topic that was recreated or is used no more do. So whoever was not
    heard nine times among the last `silence` observations is left out of the quantile until it is
    (where that would leave nobody, all count). Silence is counted, not timed: the same observations
    give the same clocks. It takes no partition's own time away: one that is read later than the
    others keeps it, silent or not, as long as it is no more than the grace behind them.

    A partition has no time of its own before its ninth event.

    >>> clock = Clock(grace_ms=10)
    >>> [clock.observe(("purchase", 0), at) for at in range(9)][-1]
    [(('purchase', 0), 4)]
    """

    def __init__(self, grace_ms: int = 30 * DAY_MS, silence: int = SILENCE) -> None:
        self.grace_ms = grace_ms
        self.silence = silence  # observations
        self._look_every = max(1, silence // LOOKS)
        self._count = 0  # observations so far
        self._recent: dict[Source, list[int]] = {}
        self._numbers: dict[Source, list[int]] = {}  # of the recent observations
        self._own: dict[Source, int] = {}
        self._common = BEGINNING  # the low quantile

    def observe(self, source: Source, at: int) -> list[tuple[Source, int]]:
        """Take in an event time of `source`; returns every source whose clock may have moved."""
        self._count += 1
        before = self.own(source)
        moved = self._take(source, at)
        # a source above the quantile that moves further up leaves the quantile where it is;
        # one that falls silent does not, and nobody observes that
        may_rise = (moved and before <= self._common) or self._count % self._look_every == 0
        if may_rise and self._raise_common():
            return [(each, self.of(each)) for each in sorted(self._recent)]
        return [(source, self.of(source))] if moved else []

    def of(self, source: Source) -> int:
        """The clock of a source; BEGINNING or earlier where nothing is known yet."""
        return max(self.own(source), self._common - self.grace_ms)

    def own(self, source: Source) -> int:
        """The source's own time, whatever the others'; BEGINNING where it has none yet."""
        return self._own.get(source, BEGINNING)

    @property
    def common(self) -> int:
        """The low quantile of all sources; BEGINNING where nothing is known yet."""
        return self._common

    def forget(self, source: Source) -> None:
        """Go on without a source, whose time would hold the others back."""
        for known in self._recent, self._numbers, self._own:
            known.pop(source, None)

    def state(self) -> State:
        """Plain containers."""
        return {
            "recent": self._recent,
            "own": self._own,
            "common": self._common,
            "numbers": self._numbers,
            "count": self._count,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self._recent, self._own, self._common = state["recent"], state["own"], state["common"]
        # older snapshots have not counted: there all are heard
        just_now = {source: [0] * len(recent) for source, recent in self._recent.items()}
        self._numbers, self._count = state.get("numbers", just_now), state.get("count", 0)

    def _take(self, source: Source, at: int) -> bool:
        """Note an observation; returns whether the source's own time has moved."""
        recent = self._recent.setdefault(source, [])
        numbers = self._numbers.setdefault(source, [])
        recent.append(at)
        numbers.append(self._count)
        del recent[:-RECENT], numbers[:-RECENT]
        own = median_low(recent)
        if len(recent) < RECENT or own <= self.own(source):
            return False
        self._own[source] = own
        return True

    def _raise_common(self) -> bool:
        """Compute the low quantile anew; returns whether it has moved."""
        times = sorted(self._heard() or self._own.values())
        if not times:
            return False
        before, common = self._common, times[min(len(times) - 1, max(1, len(times) // 4))]
        self._common = max(before, common)
        return self._common > before

    def _heard(self) -> list[int]:
        """The own times of the sources that are not silent."""
        since = self._count - self.silence
        return [own for source, own in self._own.items() if self._numbers[source][0] > since]
