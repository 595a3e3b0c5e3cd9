"""What a customer looked at."""

from typing import Any, ClassVar

from profiles.sections import aspects
from profiles.sections.facts import Row
from profiles.sections.habits import HabitualFacts
from profiles.sections.monoids import COUNT, SESSIONS, Monoid, top
from profiles.sketches import visits
from profiles.sketches.decayed import DAY_MS, HALF_LIFE_MS, DecayedTop, Weight, weigh
from profiles.sketches.sessions import Sessions
from profiles.sketches.visits import Visits
from schemas.examples import AskedAt

TOP_CATEGORIES = 16
TOP_PRODUCTS = 16
TOP_QUERIES = 4
MAX_QUERY = 32
"""Characters kept of a search."""

VISITS = Monoid(list, visits.merged)

COUNTERS = {
    "view": "views",
    "search": "searches",
    "cart_add": "cart_adds",
    "cart_remove": "cart_removes",
    "favourite": "favourites",
}
"""Which counter each browse action moves."""

ACTIVITIES = {"view": "v", "cart_add": "c"}
"""Actions of which the decayed number is kept, and its key: what models look at."""

ACTIVITY_HALF_LIFE_MS = 30 * DAY_MS
"""Whatever that of tastes is: models were fit on it."""


class BrowseFacts(HabitualFacts):
    """Counts by action, sessions, days of visits and of carts, and what was looked at.

    >>> facts = BrowseFacts()
    >>> facts.fold({"type": "browse", "action": "view", "ts": 0, "category": "tea"})
    'visit'
    >>> facts.views, facts.sessions.count
    (1, 1)
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = HabitualFacts.LAYOUT | {
        "views": COUNT,
        "searches": COUNT,
        "cart_adds": COUNT,
        "cart_removes": COUNT,
        "favourites": COUNT,
        "sessions": SESSIONS,
        "visits": VISITS,
        "activity": top(len(ACTIVITIES)),
        "categories": top(TOP_CATEGORIES),
        "products": top(TOP_PRODUCTS),
        "queries": top(TOP_QUERIES),
    }
    NEEDS: ClassVar[dict[str, int]] = HabitualFacts.NEEDS | {
        "sessions": aspects.VISITS,
        "visits": aspects.VISITS,
        "activity": aspects.VISITS,
        "categories": aspects.TASTES,
        "products": aspects.TASTES,
        "queries": aspects.TASTES,
    }
    __slots__ = tuple(LAYOUT.keys() - HabitualFacts.LAYOUT.keys())

    views: int
    searches: int
    cart_adds: int
    cart_removes: int
    favourites: int
    sessions: Sessions
    visits: Visits
    activity: DecayedTop
    categories: DecayedTop
    products: DecayedTop
    queries: DecayedTop

    @property
    def events(self) -> int:
        """Browse events counted."""
        return self.views + self.searches + self.cart_adds + self.cart_removes + self.favourites

    def fold(self, event: dict[str, Any], half_life_ms: int = HALF_LIFE_MS, /) -> AskedAt | None:
        """Count one browse event; tell whether a visit began with it.

        Without the aspect of visits it cannot tell.
        """
        ts: int = event["ts"]
        action: str = event["action"]
        keeps = self.keeps
        weight = weigh(ts, half_life_ms)
        self.see(ts)
        counter = COUNTERS[action]
        setattr(self, counter, getattr(self, counter) + 1)
        if keeps & aspects.HABITS:
            self.note(event)
        if keeps & aspects.TASTES:
            self._fold_tastes(event, weight)
        if not keeps & aspects.VISITS:
            return None
        active = weight if half_life_ms == ACTIVITY_HALF_LIFE_MS else _active(ts)
        return "visit" if self._fold_visit(ts, action, active) else None

    def _fold_visit(self, ts: int, action: str, weight: Weight) -> bool:
        before = self.sessions.count
        self.sessions.add(ts)
        self.visits = visits.visited(self.visits, ts, cart=action == "cart_add")
        if action in ACTIVITIES:
            self.activity.gain(ACTIVITIES[action], weight)
        return self.sessions.count > before

    def _fold_tastes(self, event: dict[str, Any], weight: Weight) -> None:
        self.like(event, weight, self.categories, self.products)
        query = event.get("query")
        if query is not None:
            self.queries.gain(searched(query), weight)

    def _fill(self, row: Row) -> None:
        (
            self.first_seen,
            self.last_seen,
            self.clock,
            self.devices,
            self.channels,
            self.brands,
            self.views,
            self.searches,
            self.cart_adds,
            self.cart_removes,
            self.favourites,
            self.sessions,
            self.visits,
            self.activity,
            self.categories,
            self.products,
            self.queries,
        ) = row


def _active(ts: int) -> Weight:
    return weigh(ts, ACTIVITY_HALF_LIFE_MS)


def searched(query: str) -> str:
    """Return a search as it is counted: without its case and spacing, cut to 32 characters.

    >>> searched("  Green   TEA ")
    'green tea'
    """
    return " ".join(query.casefold().split())[:MAX_QUERY]
