"""What a customer has spent lately, as of `Context.as_of`: it falls when nothing happens.

A window of n days is today (the UTC day of `as_of`) and the n - 1 days before it. Money is that of
the base currency, kept by day, so nothing here changes within a day without an event.
"""

from bisect import bisect_right

from profiles.sections import aspects
from profiles.sections.purchase import DAY_MS
from profiles.sketches.sums import DaySums
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import money_text, ratio_text, time_text
from profiles.view import View
from schemas.topics import KINDS

WINDOWS_DAYS = (7, 30, 90, 365)

AS_OF = "as_of"
"""The moment a profile speaks of: without it, profiles cannot be compared with each other."""

TREND_DAYS = 90
"""The trend compares so many days with as many before them."""


def spent_by(days: DaySums, today: int, ages: tuple[int, ...]) -> list[int]:
    """Return what was spent on days less than each of `ages` days ago, in 1e-4 units.

    >>> days = DaySums()
    >>> for day in (10, 11, 17): _ = days.add(day.to_bytes(2), day)
    >>> spent_by(days, today=17, ages=(1, 7, 8))
    [17, 28, 38]
    """
    numbers, amounts = days.numbers(), days.values()
    return [sum(amounts[bisect_right(numbers, today - age) :]) for age in ages]


def trend(lately: int, before: int) -> float:
    """Return (lately - before) / (lately + before): -1 has stopped, 1 has just begun.

    >>> trend(30, 10), trend(0, 5)
    (0.5, -1.0)
    """
    return (lately - before) / (lately + before)


def recency_days(last_purchase: int, as_of: int) -> int:
    """Return the days (UTC) from the day of the last purchase to that of `as_of`, both in ms.

    >>> recency_days(DAY_MS - 1, DAY_MS)
    1
    """
    return as_of // DAY_MS - last_purchase // DAY_MS


def _moment(_view: View, context: Context) -> Fields:
    return {AS_OF: time_text(context.as_of)}


def _windows(view: View, context: Context) -> Fields:
    facts = view.purchase
    if facts.last_purchase is None:
        return {}
    fields = {"recency_days": str(recency_days(facts.last_purchase, context.as_of))}
    *spent, twice = spent_by(facts.days, context.as_of // DAY_MS, (*WINDOWS_DAYS, 2 * TREND_DAYS))
    for days, amount in zip(WINDOWS_DAYS, spent, strict=True):
        if amount:
            fields[f"revenue_{days}d"] = money_text(amount)
    if twice:
        lately = spent[WINDOWS_DAYS.index(TREND_DAYS)]
        fields["revenue_trend"] = ratio_text(trend(lately, twice - lately))
    return fields


_SOURCES: Sources = ("purchase",)
_TREND = "last 90 days (a) against the 90 before (b): (a - b) / (a + b)"

MOMENT = TraitGroup(
    (Trait(AS_OF, "time", "UTC", "what the profile speaks of", "画像时点", KINDS),),
    _moment,
    aspects=aspects.NONE,
)

WINDOWS = TraitGroup(
    (
        Trait(
            "recency_days", "count", "days", "since the last purchase", "距上次购买天数", _SOURCES,
        ),
        *(
            Trait(
                f"revenue_{days}d", "money", "base currency", f"paid in the last {days} days",
                f"近{days}天消费", _SOURCES, "to the day (UTC)",
            )
            for days in WINDOWS_DAYS
        ),
        Trait("revenue_trend", "ratio", "", _TREND, "消费趋势", _SOURCES, "exact", "-1..1"),
    ),
    _windows,
    aspects=aspects.DAYS,
)  # fmt: skip
