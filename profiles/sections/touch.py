"""How campaigns reached a customer, and what came back."""

from typing import Any, ClassVar

from profiles.sections import aspects
from profiles.sections.facts import SPAN, Facts, Row
from profiles.sections.monoids import COUNT, LATEST, Monoid, greatest, top
from profiles.sketches import daily
from profiles.sketches.decayed import HALF_LIFE_MS, DecayedTop

TOP_CAMPAIGNS = 8

DAILY = Monoid(list, daily.merged)

COUNTERS = {
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "unsubscribe": "unsubscribed",
}
"""Which counter each action of a touch moves."""


class TouchFacts(Facts):
    """Counts by action, the days of what was delivered, and the campaigns that were answered.

    >>> facts = TouchFacts()
    >>> for ts, action in enumerate(("delivered", "open", "click")):
    ...     _ = facts.fold({"action": action, "ts": ts, "campaign": "spring"})
    >>> facts.delivered, facts.delivered_at, list(facts.answered.weights)
    (1, 0, ['spring'])
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "delivered": COUNT,
        "opened": COUNT,
        "clicked": COUNT,
        "unsubscribed": COUNT,
        "delivered_at": LATEST,
        "days": DAILY,
        "answered": top(TOP_CAMPAIGNS),
    }
    NEEDS: ClassVar[dict[str, int]] = {"days": aspects.DAYS, "answered": aspects.TASTES}
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    delivered: int
    opened: int
    clicked: int
    unsubscribed: int
    delivered_at: int | None  # ms
    days: list[int]
    answered: DecayedTop

    @property
    def events(self) -> int:
        """Touches and answers counted."""
        return self.delivered + self.opened + self.clicked + self.unsubscribed

    def fold(self, event: dict[str, Any], half_life_ms: int = HALF_LIFE_MS, /) -> None:
        """Count one touch, or the answer to one; it is no moment to learn from yet."""
        ts, action = event["ts"], event["action"]
        self.see(ts)
        counter = COUNTERS[action]
        setattr(self, counter, getattr(self, counter) + 1)
        if action == "delivered":
            self.delivered_at = greatest(self.delivered_at, ts)
            if self.keeps & aspects.DAYS:
                self.days = daily.counted(self.days, ts)
        elif action != "unsubscribe" and self.keeps & aspects.TASTES:
            self.answered.add(event["campaign"], ts, half_life_ms)

    def _fill(self, row: Row) -> None:
        (
            self.first_seen,
            self.last_seen,
            self.delivered,
            self.opened,
            self.clicked,
            self.unsubscribed,
            self.delivered_at,
            self.days,
            self.answered,
        ) = row
