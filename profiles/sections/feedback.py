"""What a customer said: to the shop, to its service, to others."""

from typing import Any, ClassVar

from profiles.sections.facts import SPAN, Facts, Row
from profiles.sections.monoids import COUNT, GREATEST, LATEST, Monoid, greatest
from profiles.sketches import lately
from profiles.sketches.decayed import HALF_LIFE_MS
from schemas.examples import AskedAt

RATING_SCALE = 100
"""Ratings are summed as integers of 0.01, so that sums are exact in any order."""

LOW = 2 * RATING_SCALE
"""The highest negative rating on a scale to five: two fifths of it."""

TEN_LOW = 4 * RATING_SCALE
"""The same on a scale to ten. Which one it is shows only in what a customer rates highest."""

LATELY = Monoid(list, lately.merged)


class FeedbackFacts(Facts):
    """Reviews, service contacts, mentions and referrals: counts, exact sums, and latest moments.

    >>> facts = FeedbackFacts()
    >>> for ts, stars in enumerate((5, 2, 3)):
    ...     _ = facts.fold({"type": "feedback", "ts": ts, "rating": stars})
    >>> facts.ratings, facts.rating_sum, facts.low, facts.complaint_at
    (3, 1000, 1, 1)
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "reviews": COUNT,
        "ratings": COUNT,
        "rating_sum": COUNT,
        "rating_squares": COUNT,
        "highest_rating": GREATEST,
        "lately": LATELY,
        "low": COUNT,
        "complaint_at": LATEST,
        "ten_low": COUNT,
        "ten_low_at": LATEST,
        "texts": COUNT,
        "text_chars": COUNT,
        "contacts": COUNT,
        "resolved": COUNT,
        "unresolved": COUNT,
        "scores": COUNT,
        "score_sum": COUNT,
        "mentions": COUNT,
        "praising": COUNT,
        "blaming": COUNT,
        "referrals": COUNT,
    }
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    reviews: int
    ratings: int
    rating_sum: int
    rating_squares: int
    highest_rating: int | None
    lately: lately.Lately
    low: int
    complaint_at: int | None  # ms
    ten_low: int  # above LOW, at most TEN_LOW
    ten_low_at: int | None  # ms
    texts: int
    text_chars: int
    contacts: int
    resolved: int
    unresolved: int
    scores: int
    score_sum: int
    mentions: int
    praising: int
    blaming: int
    referrals: int

    @property
    def events(self) -> int:
        """Reviews, contacts, mentions and referrals counted."""
        return self.reviews + self.contacts + self.mentions + self.referrals

    def fold(self, event: dict[str, Any], _half_life_ms: int = HALF_LIFE_MS, /) -> AskedAt | None:
        """Count one thing said; tell whether it is a review with words in it."""
        self.see(event["ts"])
        _FOLDS[event["type"]](self, event)
        return "feedback" if event["type"] == "feedback" and "text" in event else None

    def _fold_review(self, event: dict[str, Any]) -> None:
        self.reviews += 1
        if "rating" in event:
            self._fold_rating(round(event["rating"] * RATING_SCALE), event["ts"])
        if "text" in event:
            self.texts += 1
            self.text_chars += len(event["text"])

    def _fold_rating(self, rating: int, ts: int) -> None:
        self.ratings += 1
        self.rating_sum += rating
        self.rating_squares += rating * rating
        self.highest_rating = greatest(self.highest_rating, rating)
        self.lately = lately.said(self.lately, rating, ts)
        if rating <= LOW:
            self.low += 1
            self._complain(ts)
        elif rating <= TEN_LOW:
            self.ten_low += 1
            self.ten_low_at = greatest(self.ten_low_at, ts)

    def _fold_contact(self, event: dict[str, Any]) -> None:
        self.contacts += 1
        if "score" in event:
            self.scores += 1
            self.score_sum += round(event["score"] * RATING_SCALE)
        resolved = event.get("resolved")
        self.resolved += resolved is True
        if resolved is False:
            self.unresolved += 1
            self._complain(event["ts"])

    def _fold_mention(self, event: dict[str, Any]) -> None:
        self.mentions += 1
        sentiment = event.get("sentiment")
        self.praising += sentiment == "positive"
        if sentiment == "negative":
            self.blaming += 1
            self._complain(event["ts"])

    def _fold_referral(self, _event: dict[str, Any]) -> None:
        self.referrals += 1

    def _complain(self, ts: int) -> None:
        self.complaint_at = greatest(self.complaint_at, ts)

    def _fill(self, row: Row) -> None:
        (
            self.first_seen,
            self.last_seen,
            self.reviews,
            self.ratings,
            self.rating_sum,
            self.rating_squares,
            self.highest_rating,
            self.lately,
            self.low,
            self.complaint_at,
            self.ten_low,
            self.ten_low_at,
            self.texts,
            self.text_chars,
            self.contacts,
            self.resolved,
            self.unresolved,
            self.scores,
            self.score_sum,
            self.mentions,
            self.praising,
            self.blaming,
            self.referrals,
        ) = row


_FOLDS = {
    "feedback": FeedbackFacts._fold_review,
    "service": FeedbackFacts._fold_contact,
    "mention": FeedbackFacts._fold_mention,
    "referral": FeedbackFacts._fold_referral,
}
"""How each type of event is counted."""
