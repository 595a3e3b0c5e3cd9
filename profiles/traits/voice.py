"""What a customer says."""

from profiles.sections.feedback import RATING_SCALE
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import ratio_text
from profiles.view import View


def _voice(view: View, _context: Context) -> Fields:
    facts = view.feedback
    if not facts.count:
        return {}
    fields = {"feedbacks": str(facts.count)}
    if facts.last_rating is not None:
        fields["rating.n"] = str(facts.ratings)
        fields["rating.mean"] = ratio_text(facts.rating_sum / facts.ratings / RATING_SCALE)
        fields["rating.last"] = ratio_text(facts.last_rating[2] / RATING_SCALE)
    return fields


_SOURCES: Sources = ("feedback",)
_TO = "ratings to 0.01"

VOICE = TraitGroup(
    (
        Trait("feedbacks", "count", "events", "ratings and texts", "评价数", _SOURCES),
        Trait("rating.n", "count", "ratings", "ratings", "评分次数", _SOURCES),
        Trait("rating.mean", "ratio", "as sent", "mean rating", "平均评分", _SOURCES, _TO, "0..10"),
        Trait(
            "rating.last", "ratio", "as sent", "latest rating", "最近评分", _SOURCES, _TO, "0..10"
        ),
    ),
    _voice,
)
