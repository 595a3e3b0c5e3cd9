"""Habits: when, where and of which brands; what buying and browsing have in common."""

from typing import Any, ClassVar

from profiles.sections import aspects
from profiles.sections.facts import SPAN, Facts
from profiles.sections.monoids import Monoid, top
from profiles.sketches import tally
from profiles.sketches.decayed import ONCE, DecayedTop, Weight
from profiles.sketches.tally import Tally

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HOURS = 24

TOP_PLACES = 8
"""Devices, and channels: a shop knows a handful."""

TOP_BRANDS = 8

CLOCK = Monoid(dict, tally.added)


class HabitualFacts(Facts):
    """Base of facts about acts: a clock, devices, channels and brands.

    Keys of `clock` are hours (0..23) and, behind them, weekdays (24 is Monday to 30), in UTC.
    Devices and channels are counted without decay, exactly up to `TOP_PLACES` of each.
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "clock": CLOCK,
        "devices": top(TOP_PLACES),
        "channels": top(TOP_PLACES),
        "brands": top(TOP_BRANDS),
    }
    NEEDS: ClassVar[dict[str, int]] = {
        "clock": aspects.HABITS,
        "devices": aspects.HABITS,
        "channels": aspects.HABITS,
        "brands": aspects.TASTES,
    }
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    clock: Tally
    devices: DecayedTop
    channels: DecayedTop
    brands: DecayedTop

    def note(self, event: dict[str, Any]) -> None:
        """Count the habits that an event shows."""
        self._tick(event["ts"])
        device = event.get("device")
        if device is not None:
            self.devices.gain(device, ONCE)
        channel = event.get("channel")
        if channel is not None:
            self.channels.gain(channel, ONCE)

    def like(
        self, event: dict[str, Any], weight: Weight, categories: DecayedTop, products: DecayedTop
    ) -> None:
        """Count what an event is about; each kind keeps as many categories and items as it does."""
        category = event.get("category")
        if category is not None:
            categories.gain(category, weight)
        product = event.get("item_id")
        if product is not None:
            products.gain(product, weight)
        brand = event.get("brand")
        if brand is not None:
            self.brands.gain(brand, weight)

    def _tick(self, ts: int) -> None:
        clock = self.clock
        hour = ts // HOUR_MS % HOURS
        weekday = HOURS + (ts // DAY_MS + 3) % 7  # 1970-01-01 was a Thursday
        clock[hour] = clock.get(hour, 0) + 1
        clock[weekday] = clock.get(weekday, 0) + 1
