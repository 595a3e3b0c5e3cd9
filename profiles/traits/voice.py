"""What a customer says about what they bought, and whether they complain."""

from math import sqrt

from profiles.sections import aspects
from profiles.sections.feedback import RATING_SCALE, FeedbackFacts
from profiles.sections.monoids import greatest
from profiles.sketches import lately
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import ratio_text, time_text
from profiles.view import View

TO_FIVE = 5 * RATING_SCALE
"""Who has never rated higher rates on a scale to five, anybody else on one to ten."""


def _voice(view: View, _context: Context) -> Fields:
    facts = view.feedback
    fields = _reviews(facts) if facts.reviews else {}
    complaint = _complaint_at(facts)
    if complaint is not None:
        fields["complaint_at"] = time_text(complaint)
    return fields


def _reviews(facts: FeedbackFacts) -> Fields:
    fields: Fields = {}
    if facts.texts:
        fields["review_chars"] = ratio_text(facts.text_chars / facts.texts)
    if facts.ratings:
        fields |= _ratings(facts)
    return fields


def _ratings(facts: FeedbackFacts) -> Fields:
    n = facts.ratings
    mean = facts.rating_sum / n
    fields = {
        "rating.n": str(n),
        "rating.mean": _rating(mean),
        "negative_share": ratio_text(_negative(facts) / n),
    }
    if n > 1:
        fields["rating.sd"] = _rating(_sd(n, facts.rating_sum, facts.rating_squares))
        trend = round(lately.mean(facts.lately) - mean)  # whole steps of 0.01: no noise of floats
        fields["rating.trend"] = _rating(trend)
    return fields


def _negative(facts: FeedbackFacts) -> int:
    return facts.low + facts.ten_low if _to_ten(facts) else facts.low


def _complaint_at(facts: FeedbackFacts) -> int | None:
    at: int | None = facts.complaint_at
    return greatest(at, facts.ten_low_at) if _to_ten(facts) else at


def _to_ten(facts: FeedbackFacts) -> bool:
    return facts.highest_rating is not None and facts.highest_rating > TO_FIVE


def _sd(n: int, total: int, squares: int) -> float:
    """Return the sample standard deviation (n - 1) of at least two whole numbers."""
    return sqrt((n * squares - total * total) / (n * (n - 1)))  # exact up to the division


def _rating(hundredths: float) -> str:
    return ratio_text(hundredths / RATING_SCALE)


_FROM: Sources = ("feedback",)
_TO = "ratings to 0.01"
_TREND = "mean with a half-life of 90 days, minus the mean"
_NEGATIVE = "share of ratings up to 2, or up to 4 by who has rated above 5"
_COMPLAINT = "latest negative rating, unresolved service contact or negative mention"

VOICE = TraitGroup(
    (
        Trait("review_chars", "ratio", "characters", "mean length of texts", "平均评价字数", _FROM),
        Trait("rating.n", "count", "ratings", "ratings", "评分次数", _FROM),
        Trait("rating.mean", "ratio", "as sent", "mean rating", "平均评分", _FROM, _TO, "0..10"),
        Trait("rating.sd", "ratio", "as sent", "sample deviation", "评分标准差", _FROM, _TO),
        Trait("rating.trend", "ratio", "as sent", _TREND, "评分趋势", _FROM, "0.01", "-10..10"),
        Trait("negative_share", "ratio", "", _NEGATIVE, "差评率", _FROM, range="0..1"),
        Trait("complaint_at", "time", "UTC", _COMPLAINT, "最近投诉", _FROM),
    ),
    _voice,
    timeless=True,
    aspects=aspects.NONE,
)
