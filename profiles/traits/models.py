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
