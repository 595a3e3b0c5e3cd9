"""Aspects: what a section can keep of its events beside plain counts, sums and latest times.

Whoever wants a few traits need not keep what only others are derived from: what is not kept is not
asked of anybody, cannot leak, and costs nothing (data minimisation: GDPR, article 5(1)(c)). A set
of aspects is an int, one bit each, which compiled code tests fastest.
"""

from typing import Final

ORDERS: Final = 1
"""Distinct orders and what each came to."""

DAYS: Final = 2
"""Days of purchases, or of messages sent, and what was paid on each."""

HABITS: Final = 4
"""Hours, weekdays, devices and channels."""

TASTES: Final = 8
"""Categories, brands, items, searches, campaigns and prices."""

VISITS: Final = 16
"""Sessions, days of visits and carts, recent activity."""

STATED: Final = 32
"""What a customer, or the shop, has stated."""

NONE: Final = 0
ALL: Final = ORDERS | DAYS | HABITS | TASTES | VISITS | STATED

_NAMES: Final = {
    ORDERS: "orders",
    DAYS: "days",
    HABITS: "habits",
    TASTES: "tastes",
    VISITS: "visits",
    STATED: "stated",
}


def named(aspects: int) -> list[str]:
    """Return the names of a set of aspects.

    >>> named(TASTES | DAYS), named(NONE)
    (['days', 'tastes'], [])
    """
    return [name for aspect, name in _NAMES.items() if aspects & aspect]
