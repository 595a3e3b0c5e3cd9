"""How single facts of a section begin, merge, and are written.

Each `Monoid` has an empty element and an associative, commutative `merge`; that is what makes whole
sections mergeable. `pack` and `unpack` are given only where msgpack cannot write the value itself.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from profiles.sketches.decayed import DecayedTop, summed
from profiles.sketches.sessions import Sessions
from profiles.sketches.sums import DaySums, OrderSums


class Monoid(NamedTuple):
    """An empty element, a merge, and how the value is written."""

    empty: Callable[[], Any]
    merge: Callable[[Any, Any], Any]
    pack: Callable[[Any], Any] | None = None
    unpack: Callable[[Any], Any] | None = None


def least(a: Any, b: Any) -> Any:
    """Return the smaller one; None is "nothing yet".

    >>> least(None, 3), least(2, 3)
    (3, 2)
    """
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


def greatest(a: Any, b: Any) -> Any:
    """Return the greater one; None is "nothing yet"."""
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def add_tables(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
    """Add two tables of integers.

    >>> add_tables({"": 1}, {"": 2, "EUR": 5})
    {'': 3, 'EUR': 5}
    """
    return a | {key: a.get(key, 0) + value for key, value in b.items()}


def top(capacity: int) -> Monoid:
    """Return the monoid of the `capacity` heaviest keys."""
    return Monoid(
        lambda: DecayedTop(capacity),
        summed,  # read and never stored, so it may keep more
        DecayedTop.pack,
        lambda values: DecayedTop.unpack(values, capacity),
    )


COUNT = Monoid(int, int.__add__)
TABLE = Monoid(dict, add_tables)
LEAST = Monoid(lambda: None, least)
GREATEST = Monoid(lambda: None, greatest)
EARLIEST = Monoid(lambda: None, least)  # event times (ms), written as `Facts` says
LATEST = Monoid(lambda: None, greatest)
ORDERS = Monoid(OrderSums, OrderSums.merged, OrderSums.pack, OrderSums.unpack)
DAYS = Monoid(DaySums, DaySums.merged, DaySums.pack, DaySums.unpack)
SESSIONS = Monoid(Sessions, Sessions.merged, Sessions.pack, Sessions.unpack)
