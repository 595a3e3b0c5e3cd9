"""How large the segments were, day by day, and who moved from one to another."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

KEPT_DAYS = 90
FUTURE_SHARE = 0.01
"""So many profiles may speak of a later day: a few events from the future move nothing."""

REST_DAYS = 3
"""So many days without an event change no sizes; after more, who knows what has been missed."""

Moves = Mapping[tuple[str, str], int]
"""Customers by (segment before, segment now)."""


@dataclass(frozen=True, slots=True)
class Day:
    """The end of one day: customers by segment, and moves within the day, `before -> now`."""

    date: str  # of event time, ISO
    sizes: dict[str, int]
    moves: dict[str, dict[str, int]]


def date_of(profiles: Mapping[str, int]) -> str:
    """Return the latest date that more than a hundredth of the profiles (by date) speak of.

    >>> date_of({"2011-12-08": 60, "2011-12-09": 40, "2038-01-19": 1})
    '2011-12-09'
    """
    later, total = 0, sum(profiles.values())
    for date in sorted(profiles, reverse=True):
        later += profiles[date]
        if later > FUTURE_SHARE * total:
            return date
    return ""


def noted(days: Sequence[Day], date: str, sizes: Mapping[str, int], moves: Moves) -> list[Day]:
    """Return the days with what was found at `date`; moves of one day add up.

    Later days are left out: they belong to profiles that have been rebuilt, or were restored.

    >>> days = noted([], "2011-12-09", {"loyal": 2}, {("loyal", "champions"): 1})
    >>> noted(days, "2011-12-09", {"loyal": 1}, {("loyal", "champions"): 1})[0].moves
    {'loyal': {'champions': 2}}
    """
    counted = Counter(moves)
    earlier = [each for each in days if each.date < date]
    for each in days:
        if each.date == date:
            counted.update(_flat(each.moves))
    day = Day(date, dict(sizes), _nested(counted))
    return [*earlier, day][-KEPT_DAYS:]


def grown(days: Sequence[Day], back: int) -> dict[str, int] | None:
    """Return by segment how many more customers it has than `back` days before the last; None
    where nothing is known of then.

    >>> week = [Day("2011-12-02", {"loyal": 2}, {}), Day("2011-12-09", {"loyal": 5}, {})]
    >>> grown(week, 7), grown(week, 1)
    ({'loyal': 3}, None)
    """
    found = _day_before(days, back)
    if found is None:
        return None
    now, then = days[-1].sizes, found.sizes
    return {name: now.get(name, 0) - then.get(name, 0) for name in now | then}


def _day_before(days: Sequence[Day], back: int) -> Day | None:
    """Return the day `back` days before the last; where it had no events, the one before it."""
    for each in reversed(days):
        rested = _days_between(each.date, days[-1].date) - back
        if rested >= 0:
            return each if rested <= REST_DAYS else None
    return None


def _days_between(earlier: str, later: str) -> int:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).days


def encode(days: Sequence[Day]) -> bytes:
    """Return days as JSON."""
    return _ADAPTER.dump_json(list(days))


def decode(text: bytes) -> list[Day]:
    """Read what `encode` wrote."""
    return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(list[Day])


def _flat(moves: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    return {(before, now): n for before, to in moves.items() for now, n in to.items()}


def _nested(moves: Moves) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for before, now in sorted(moves):
        found.setdefault(before, {})[now] = moves[before, now]
    return found


def moves_of(before: Iterable[str | None], now: Iterable[str | None]) -> Counter[tuple[str, str]]:
    """Count the customers whose segment has changed.

    >>> moves_of(["loyal", None, "loyal"], ["champions", "loyal", "loyal"])
    Counter({('loyal', 'champions'): 1})
    """
    pairs = zip(before, now, strict=True)
    return Counter((old, new) for old, new in pairs if old and new and old != new)
