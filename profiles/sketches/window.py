"""The duplicate window: which of a customer's latest event ids a partition has already counted.

A producer that sends an event again gives it another offset but the same `event_id`. The window
keeps 40-bit hashes of the newest ids of one customer in one partition, in order of arrival: a few
whatever their age, and more of the customer's current week and the one before it. They are packed
in `bytes` that are searched as they are stored (docs/decisions/duplicate-window.md).
"""

import xxhash

from profiles.sketches.packed import contains

ID_WIDTH = 5
"""Bytes of an id's hash: a new event is taken for one of 256 old ones with probability 2e-10."""

WEEK_MS = 7 * 86_400_000


def id_hash(event_id: str) -> bytes:
    """Return the 40-bit hash of an id, the same on every machine and in every process.

    >>> id_hash("A1").hex()
    'af62adb79d'
    """
    return xxhash.xxh3_64_digest(event_id.encode())[:ID_WIDTH]


class Window:
    """Hashes of event ids, oldest first, and how many of them are of the current week.

    Weeks are those of the customer's own clock, the newest event time that the log had shown when
    an id came: late events are protected like others.

    >>> window = Window()
    >>> window.remember(b"first", clock=0, always=1, limit=8)
    >>> window.remember(b"other", clock=WEEK_MS, always=1, limit=8)
    >>> window.knows(b"first"), window.knows(b"never"), len(window)
    (True, False, 2)
    """

    __slots__ = ("ids", "recent", "week")

    def __init__(self, week: int = 0, recent: int = 0, ids: bytes = b"") -> None:
        self.week = week
        self.recent = recent
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids) // ID_WIDTH

    def knows(self, hashed: bytes) -> bool:
        """Tell whether an id's hash is remembered."""
        return contains(self.ids, hashed)

    def remember(self, hashed: bytes, clock: int, always: int, limit: int) -> None:
        """Keep one more of at most `limit` ids, `always` so many whatever their age.

        `clock` is the newest event time (ms) before it, 0 for none.
        """
        week = clock // WEEK_MS
        if week > self.week:
            self._turn(week, always)
        self.recent += 1
        self.ids += hashed
        if len(self.ids) > ID_WIDTH * limit:
            self.ids = self.ids[-ID_WIDTH * limit :]

    def pack(self) -> list[int | bytes]:
        """Return plain values for the section's encoding."""
        return [self.week, self.recent, self.ids]

    def _turn(self, week: int, always: int) -> None:
        """Begin a week: of the ids before the last one stay as many as stay in any case."""
        last_week = self.recent if week == self.week + 1 else 0
        self.ids = self.ids[-ID_WIDTH * max(last_week, always) :]
        self.week, self.recent = week, 0
