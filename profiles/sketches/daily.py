"""Events of the newest days: exact counts by day (UTC), forgotten with the window.

A list `[newest day, its count, the day before's, ...]`, days since 1970-01-01; empty before any
event. It is never changed in place, and there is nothing to decode. What is dropped is as old as
`WINDOW_DAYS` beside the newest day of all, so merging is exact, associative and commutative.
"""

from itertools import zip_longest

DAY_MS = 86_400_000

WINDOW_DAYS = 30
"""Days kept: the newest one and the 29 before it."""


def counted(days: list[int], ts: int) -> list[int]:
    """Return `days` with one more event at event time `ts` (ms).

    >>> counted(counted(counted([], 5 * DAY_MS), 7 * DAY_MS), 5 * DAY_MS + 1)
    [7, 1, 0, 2]
    """
    return merged(days, [ts // DAY_MS, 1])


def merged(a: list[int], b: list[int]) -> list[int]:
    """Return the counts of both together.

    >>> merged([7, 1, 0, 2], [6, 1])
    [7, 1, 1, 2]
    """
    if not a or not b:
        return a or b
    newest = max(a[0], b[0])
    both = zip_longest(_counts(a, newest), _counts(b, newest), fillvalue=0)
    counts = [one + other for one, other in both]
    while not counts[-1]:
        counts.pop()
    return [newest, *counts]


def within(days: list[int], window_days: int, as_of: int) -> int:
    """Return the events of the last `window_days` days, today (`as_of`, ms) being one of them.

    `window_days` is at most `WINDOW_DAYS`, `as_of` not before the newest event.

    >>> within([7, 1, 0, 2], 2, as_of=7 * DAY_MS), within([7, 1, 0, 2], 2, as_of=9 * DAY_MS)
    (1, 0)
    """
    today = as_of // DAY_MS
    return sum(_counts(days, today)[:window_days]) if days else 0


def _counts(days: list[int], newest: int) -> list[int]:
    """Return the counts from day `newest` on backwards; far behind it there is none."""
    behind = min(newest - days[0], WINDOW_DAYS)
    return ([0] * behind + days[1:])[:WINDOW_DAYS]
