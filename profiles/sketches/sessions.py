"""Sessions: stretches of activity without a pause of 30 minutes.

Intervals that may still grow or join are kept; one that ended more than `LATENESS_MS` before the
newest event is closed and only counted. So the number of sessions does not depend on the order of
events that are at most a day late, and at most 49 intervals are kept. Merging is exact under the
same limit; where a closed session of one side touches the other side, it counts in both.
"""

from bisect import bisect_left, bisect_right

GAP_MS = 30 * 60_000
"""A pause longer than this ends a session (the web-analytics convention of 30 minutes)."""

LATENESS_MS = 24 * 3_600_000
"""How late an event may be and still find its session."""


class Sessions:
    """Open intervals in time order and the number of closed ones.

    >>> sessions = Sessions()
    >>> for minute in (0, 20, 90, 45): sessions.add(minute * 60_000)
    >>> sessions.count, sessions.last
    (2, (5400000, 5400000))
    """

    __slots__ = ("closed", "ends", "starts")

    def __init__(
        self, closed: int = 0, starts: list[int] | None = None, ends: list[int] | None = None
    ) -> None:
        self.closed = closed
        self.starts = [] if starts is None else starts
        self.ends = [] if ends is None else ends

    @property
    def count(self) -> int:
        """Number of sessions."""
        return self.closed + len(self.starts)

    @property
    def last(self) -> tuple[int, int] | None:
        """Start and end (ms) of the latest session."""
        return (self.starts[-1], self.ends[-1]) if self.starts else None

    def add(self, ts: int) -> None:
        """Count activity at event time `ts` (ms); later than `LATENESS_MS` it changes nothing."""
        if self.closed and ts < self.ends[-1] - LATENESS_MS:
            return  # its session may be one of the closed ones: counted there or nowhere
        self._add_interval(ts, ts)
        self._close()

    def merged(self, other: "Sessions") -> "Sessions":
        """Return the sessions of both."""
        result = Sessions(self.closed + other.closed, self.starts.copy(), self.ends.copy())
        for start, end in zip(other.starts, other.ends, strict=True):
            result._add_interval(start, end)
        result._close()
        return result

    def pack(self) -> list[object]:
        """Return plain values for the section's encoding."""
        return [self.closed, self.starts, self.ends]

    @classmethod
    def unpack(cls, packed: list[object]) -> "Sessions":
        """Read what `pack` wrote."""
        return cls(*packed)  # type: ignore[arg-type]  # our own bytes

    def _add_interval(self, start: int, end: int) -> None:
        starts, ends = self.starts, self.ends
        first = bisect_right(ends, start - GAP_MS - 1)  # the first that reaches to our start
        past = bisect_right(starts, end + GAP_MS)  # the first that begins after our reach
        if first < past:
            start, end = min(start, starts[first]), max(end, ends[past - 1])
        starts[first:past] = [start]
        ends[first:past] = [end]

    def _close(self) -> None:
        horizon = self.ends[-1] - LATENESS_MS - GAP_MS if self.ends else 0
        old = bisect_left(self.ends, horizon)
        if old:
            self.closed += old
            del self.starts[:old], self.ends[:old]
