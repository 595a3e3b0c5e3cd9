"""Scores of models: declared with the traits, written by `profiles.scores` from what was learnt."""

from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.view import View


def _nothing(_view: View, _context: Context) -> Fields:
    return {}


_SOURCES: Sources = ("purchase", "browse", "feedback")

MODELS = TraitGroup(
    (
        Trait("segment", "text", "name", "which kind of customer", "客户分群", _SOURCES, "model"),
        Trait("segment.model", "count", "version", "model that says so", "分群模型版本", _SOURCES),
        Trait(
            "churn.score",
            "number",
            "probability",
            "of no purchase within the horizon",
            "流失概率",
            _SOURCES,
            "model",
            "0..1",
        ),
        Trait("churn.model", "count", "version", "model that says so", "流失模型版本", _SOURCES),
    ),
    _nothing,
    timeless=True,
)

_WORDS: Sources = ("feedback",)
_PRAISE = "that the latest review with words praises"
_TALK = "what it is about: three words that lead its topic"

OF_WORDS = TraitGroup(
    (
        Trait("review_at", "time", "UTC", "the review these speak of", "评价时间", _WORDS, "model"),
        Trait(
            "sentiment.score",
            "number",
            "probability",
            _PRAISE,
            "最近评价为好评的概率",
            _WORDS,
            "model",
            "0..1",
        ),
        Trait("sentiment.model", "count", "version", "model that says so", "情感模型版本", _WORDS),
        Trait("topics.name", "text", "words", _TALK, "最近评价的话题", _WORDS, "model"),
        Trait("topics.model", "count", "version", "model that says so", "话题模型版本", _WORDS),
    ),
    _nothing,
    timeless=True,
)
"""Written by `profiles.words`."""
