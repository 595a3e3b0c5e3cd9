"""When and where a customer buys and browses."""

from profiles.sections import aspects
from profiles.sections.habits import HOURS
from profiles.sketches.decayed import DecayedTop, summed
from profiles.sketches.tally import Tally
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, ratio_text
from profiles.view import View

WEEKDAYS = 7


def _habits(view: View, _context: Context) -> Fields:
    bought, looked = view.purchase, view.browse
    if not bought.clock and not looked.clock:
        return {}
    counts = _counts(bought.clock, looked.clock)
    fields = {
        "habit.hour": str(_busiest(counts[:HOURS])),
        "habit.weekday": str(_busiest(counts[HOURS:]) + 1),
    }
    fields |= _favourite("habit.device", bought.devices, looked.devices)
    return fields | _favourite("habit.channel", bought.channels, looked.channels)


def _counts(*clocks: Tally) -> list[int]:
    """Return the events of all clocks by hour and, behind them, by weekday."""
    counts = [0] * (HOURS + WEEKDAYS)
    for clock in clocks:
        for place, count in clock.items():
            counts[place] += count
    return counts


def _busiest(counts: list[int]) -> int:
    """Return the place with the most events, the first of equals."""
    return counts.index(max(counts))


def _favourite(name: str, bought: DecayedTop, looked: DecayedTop) -> Fields:
    counts = summed(looked, bought).weights
    if not counts:
        return {}
    most = max(counts.values())
    favourite = min([place for place, count in counts.items() if count == most])
    fields = {name: name_text(favourite)}
    if len(counts) > 1:
        fields[f"{name}.share"] = ratio_text(most / sum(counts.values()))
    return fields


_SOURCES: Sources = ("purchase", "browse")
_PLACES = "8 of each topic"

HABITS = TraitGroup(
    (
        Trait(
            "habit.hour",
            "count",
            "hour, UTC",
            "busiest hour of the day",
            "活跃时段",
            _SOURCES,
            range="0..23",
        ),
        Trait(
            "habit.weekday",
            "count",
            "ISO day, UTC",
            "busiest day of the week, 1 is Monday",
            "活跃星期",
            _SOURCES,
            range="1..7",
        ),
        Trait("habit.device", "text", "as sent", "favourite device", "常用设备", _SOURCES, _PLACES),
        Trait(
            "habit.device.share",
            "ratio",
            "events",
            "its share of those named, absent when all",
            "常用设备占比",
            _SOURCES,
            _PLACES,
            "0..1",
        ),
        Trait(
            "habit.channel", "text", "as sent", "favourite channel", "常用渠道", _SOURCES, _PLACES
        ),
        Trait(
            "habit.channel.share",
            "ratio",
            "events",
            "its share of those named, absent when all",
            "常用渠道占比",
            _SOURCES,
            _PLACES,
            "0..1",
        ),
    ),
    _habits,
    timeless=True,
    aspects=aspects.HABITS,
)
