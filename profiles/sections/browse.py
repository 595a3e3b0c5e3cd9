"""What a customer looked at."""

from typing import Any, ClassVar

from profiles.sections.facts import SPAN, Facts
from profiles.sections.monoids import COUNT, SESSIONS, Monoid, top
from profiles.sketches.decayed import DecayedTop
from profiles.sketches.sessions import Sessions

TOP_CATEGORIES = 32
TOP_PRODUCTS = 32

COUNTERS = {
    "view": "views",
    "search": "searches",
    "cart_add": "cart_adds",
    "cart_remove": "cart_removes",
    "favourite": "favourites",
}
"""Which counter each browse action moves."""


class BrowseFacts(Facts):
    """Counts by action, sessions, and what was looked at.

    >>> facts = BrowseFacts()
    >>> facts.fold({"type": "browse", "action": "view", "ts": 0, "category": "tea"})
    False
    >>> facts.views, facts.sessions.count
    (1, 1)
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "views": COUNT,
        "searches": COUNT,
        "cart_adds": COUNT,
        "cart_removes": COUNT,
        "favourites": COUNT,
        "sessions": SESSIONS,
        "activity": top(len(COUNTERS)),
        "categories": top(TOP_CATEGORIES),
        "products": top(TOP_PRODUCTS),
    }
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    views: int
    searches: int
    cart_adds: int
    cart_removes: int
    favourites: int
    sessions: Sessions
    activity: DecayedTop
    categories: DecayedTop
    products: DecayedTop

    @property
    def events(self) -> int:
        """Browse events counted."""
        return self.views + self.searches + self.cart_adds + self.cart_removes + self.favourites

    def fold(self, event: Any) -> bool:
        """Count one browse event; browsing is no moment to learn from yet."""
        ts: int = event["ts"]
        self.see(ts)
        counter = COUNTERS[event["action"]]
        setattr(self, counter, getattr(self, counter) + 1)
        self.sessions.add(ts)
        self.activity.add(counter, ts)
        category = event.get("category")
        if category is not None:
            self.categories.add(category, ts)
        product = event.get("item_id")
        if product is not None:
            self.products.add(product, ts)
        return False
