"""What a customer says."""

from profiles.sections.feedback import RATING_SCALE, FeedbackFacts
from profiles.traits.text import number_text


def voice(facts: FeedbackFacts) -> dict[str, str]:
    """Return `feedbacks` and, where there are ratings, their number, mean and latest."""
    if not facts.count:
        return {}
    fields = {"feedbacks": str(facts.count)}
    if facts.last_rating is not None:
        fields["rating.n"] = str(facts.ratings)
        fields["rating.mean"] = number_text(facts.rating_sum / facts.ratings / RATING_SCALE)
        fields["rating.last"] = number_text(facts.last_rating[2] / RATING_SCALE)
    return fields
