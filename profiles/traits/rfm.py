"""RFM: recency, frequency and monetary value, each scored 1 to 5 against the population.

The method is direct marketing's (Hughes, Strategic Database Marketing, 1994), with quintiles of
the whole population for each of the three. Without a population there are no scores.
"""

from profiles.sections import aspects
from profiles.sections.purchase import MONEY_SCALE
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.edges import RfmEdges, recency_score, score
from profiles.traits.tiers import Tiers
from profiles.traits.value import order_count, revenue
from profiles.traits.windows import recency_days
from profiles.view import View


def rfm_scores(view: View, context: Context, edges: RfmEdges) -> tuple[int, int, int] | None:
    """Return the scores of a customer who has bought, as of `context.as_of`."""
    facts = view.purchase
    if facts.last_purchase is None:
        return None
    spent = revenue(facts.money, context.base_currency) / MONEY_SCALE
    return (
        recency_score(recency_days(facts.last_purchase, context.as_of), edges.recency),
        score(order_count(facts), edges.frequency),
        score(spent, edges.monetary),
    )


def rfm(tiers: Tiers) -> TraitGroup:
    """Return the traits, with tiers by these rules."""

    def derive(view: View, context: Context) -> Fields:
        edges = context.edges
        scores = None if edges is None else rfm_scores(view, context, edges)
        if edges is None or scores is None:
            return {}
        r, f, m = map(str, scores)
        return {
            "rfm.r": r,
            "rfm.f": f,
            "rfm.m": m,
            "rfm.tier": tiers[scores],
            "rfm.version": str(edges.version),
        }

    return TraitGroup(TRAITS, derive, aspects=aspects.ORDERS)


_SOURCES: Sources = ("purchase",)
_FIFTHS = "fifths of the sampled population; equal values score alike"


def _score(name: str, en: str, zh: str) -> Trait:
    return Trait(name, "count", "score", en, zh, _SOURCES, _FIFTHS, "1..5")


TRAITS = (
    _score("rfm.r", "recency: 5 has bought last", "近度评分"),
    _score("rfm.f", "frequency: 5 has most orders", "频度评分"),
    _score("rfm.m", "monetary: 5 has most revenue", "额度评分"),
    Trait("rfm.tier", "text", "name", "by the rules of tiers", "客户等级", _SOURCES, _FIFTHS),
    Trait("rfm.version", "count", "version", "population compared with", "评分人群版本", _SOURCES),
)
