"""Sessions: stretches of activity without a pause of 30 minutes, with their lengths and depths.

Intervals that may still grow or join are kept; one that ended more than `LATENESS_MS` before the
newest event is closed, and only its length and its depth (events) are added to sums. So the figures
do not depend on the order of events that are at most a day late, and at most 49 intervals are kept.
Merging is exact under the same limit; where a closed session of one side touches the other side, it
counts in both.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

GAP_MS = 30 * 60_000
"""A pause longer than this ends a session (the web-analytics convention of 30 minutes)."""

LATENESS_MS = 24 * 3_600_000
"""How late an event may be and still find its session."""


class Session(NamedTuple):
    """An open session: its first and last event (ms), and how many there were."""

    start: int
    end: int
    events: int


class Sessions:
    """Open intervals in time order; of the closed ones their number, lengths (ms) and events.

    >>> sessions = Sessions()
    >>> for minute in (0, 20, 90, 45): sessions.add(minute * 60_000)
    >>> sessions.count, sessions.length_ms, sessions.events, sessions.last
    (2, 2700000, 4, Session(start=5400000, end=5400000, events=1))
    """

    __slots__ = ("closed", "closed_events", "closed_ms", "depths", "ends", "starts")

    def __init__(self, closed: int = 0, closed_ms: int = 0, closed_events: int = 0) -> None:
        self.closed = closed
        self.closed_ms = closed_ms
        self.closed_events = closed_events
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.depths: list[int] = []

    @property
    def count(self) -> int:
        """Number of sessions."""
        return self.closed + len(self.starts)

    @property
    def length_ms(self) -> int:
        """Time from first to last event (ms), summed over all sessions."""
        return self.closed_ms + sum(self.ends) - sum(self.starts)

    @property
    def events(self) -> int:
        """Events in all sessions."""
        return self.closed_events + sum(self.depths)

    @property
    def last(self) -> Session | None:
        """The latest session."""
        return Session(self.starts[-1], self.ends[-1], self.depths[-1]) if self.starts else None

    def add(self, ts: int) -> None:
        """Count activity at event time `ts` (ms); later than `LATENESS_MS` it changes nothing."""
        if self.ends and self.starts[-1] <= ts <= self.ends[-1] + GAP_MS:  # the usual case
            self.ends[-1] = max(ts, self.ends[-1])
            self.depths[-1] += 1
        elif self.closed and ts < self.ends[-1] - LATENESS_MS:
            return  # its session may be one of the closed ones: counted there or nowhere
        else:
            self._add_interval(ts, ts, 1)
        if len(self.ends) > 1:
            self._close()

    def merged(self, other: "Sessions") -> "Sessions":
        """Return the sessions of both."""
        result = Sessions(
            self.closed + other.closed,
            self.closed_ms + other.closed_ms,
            self.closed_events + other.closed_events,
        )
        for side in (self, other):
            for start, end, depth in zip(side.starts, side.ends, side.depths, strict=True):
                result._add_interval(start, end, depth)
        if result.ends:
            result._close()
        return result

    def pack(self) -> list[int]:
        """Return the sums, then of each open session the pause before it, its length and depth."""
        if not self.ends:
            return []
        values = [self.closed, self.closed_ms, self.closed_events]
        before = 0
        for start, end, depth in zip(self.starts, self.ends, self.depths, strict=True):
            values += (start - before, end - start, depth)
            before = end
        return values

    @classmethod
    def unpack(cls, packed: list[int]) -> "Sessions":
        """Read what `pack` wrote."""
        sessions = cls(*packed[:3])
        end = 0
        for pause, length, depth in zip(packed[3::3], packed[4::3], packed[5::3], strict=True):
            start = end + pause
            end = start + length
            sessions.starts.append(start)
            sessions.ends.append(end)
            sessions.depths.append(depth)
        return sessions

    def _add_interval(self, start: int, end: int, depth: int) -> None:
        starts, ends, depths = self.starts, self.ends, self.depths
        first = bisect_right(ends, start - GAP_MS - 1)  # the first that reaches to our start
        past = bisect_right(starts, end + GAP_MS)  # the first that begins after our reach
        if first < past:
            start, end = min(start, starts[first]), max(end, ends[past - 1])
        starts[first:past] = [start]
        ends[first:past] = [end]
        depths[first:past] = [sum(depths[first:past], depth)]

    def _close(self) -> None:
        old = bisect_left(self.ends, self.ends[-1] - LATENESS_MS - GAP_MS)
        if old:
            self.closed += old
            self.closed_ms += sum(self.ends[:old]) - sum(self.starts[:old])
            self.closed_events += sum(self.depths[:old])
            del self.starts[:old], self.ends[:old], self.depths[:old]
