"""Scores of models: declared with the traits, written by `profiles.scores` from what was learnt."""

from profiles.sections import aspects
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.view import View


def _nothing(_view: View, _context: Context) -> Fields:
    return {}


_SOURCES: Sources = ("purchase", "browse", "feedback")

MODELS = TraitGroup(
    (
        Trait("segment", "text", "name", "which kind of customer", "客户分群", _SOURCES, "model"),
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
        Trait(
            "<task>.reasons",
            "text",
            "code",
            "the three strongest, of the tasks in PORTRAIT_REASONS (docs/models.md)",
            "该评分的三条最强理由",
            _SOURCES,
            "model",
        ),
        Trait(
            "propensity.score",
            "number",
            "probability",
            "of a purchase in a visit that begins now",
            "成交概率",
            _SOURCES,
            "model",
            "0..1",
        ),
        Trait(
            "value.score",
            "number",
            "base currency",
            "expected to be spent in the 30 days after an order",
            "预计消费金额",
            _SOURCES,
            "model",
        ),
        Trait(
            "next_category",
            "text",
            "name",
            "likeliest category of the next order",
            "下次购买品类",
            ("purchase", "browse"),
            "model",
        ),
        Trait(
            "next_category.score",
            "number",
            "probability",
            "of that category, if there is an order",
            "该品类概率",
            ("purchase", "browse"),
            "model",
            "0..1",
        ),
        Trait(
            "scores.version",
            "count",
            "version",
            "of the models of all scores",
            "模型版本",
            _SOURCES,
        ),
    ),
    _nothing,
    timeless=True,
    aspects=aspects.NONE,
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
        Trait("topics.name", "text", "words", _TALK, "最近评价的话题", _WORDS, "model"),
        Trait("review.version", "count", "version", "of these models", "评价模型版本", _WORDS),
    ),
    _nothing,
    timeless=True,
    aspects=aspects.NONE,
)
"""Written by `profiles.words`."""
