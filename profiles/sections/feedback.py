"""What a customer said."""

from typing import Any, ClassVar

from profiles.sections.facts import SPAN, Facts
from profiles.sections.monoids import COUNT, GREATEST, Monoid

RATING_SCALE = 100
"""Ratings are summed as integers of 0.01, so that sums are exact in any order."""


class FeedbackFacts(Facts):
    """Feedback counted, sums of ratings and of their squares, and the latest rating.

    >>> facts = FeedbackFacts()
    >>> for ts, stars in enumerate((5, 4, 3)):
    ...     _ = facts.fold({"event_id": str(ts), "ts": ts, "rating": stars})
    >>> facts.ratings, facts.rating_sum, facts.last_rating
    (3, 1200, [2, '2', 300])
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "count": COUNT,
        "ratings": COUNT,
        "rating_sum": COUNT,
        "rating_squares": COUNT,
        "last_rating": GREATEST,
    }
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    count: int
    ratings: int
    rating_sum: int
    rating_squares: int
    last_rating: list[Any] | None  # [event time ms, event id, rating in 0.01]

    @property
    def events(self) -> int:
        """Feedback events counted."""
        return self.count

    def fold(self, event: Any) -> bool:
        """Count one piece of feedback; it is no moment to learn from yet."""
        self.see(event["ts"])
        self.count += 1
        if "rating" in event:
            rating = round(event["rating"] * RATING_SCALE)
            self.ratings += 1
            self.rating_sum += rating
            self.rating_squares += rating * rating
            entry = [event["ts"], event["event_id"], rating]
            if self.last_rating is None or entry > self.last_rating:
                self.last_rating = entry
        return False
