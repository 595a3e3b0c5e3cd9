"""What a customer likes: categories, brands, items and searches by forward-decayed weight.

Weights decay alike, so shares of them do not change as time passes without events.
"""

from collections.abc import Collection, Iterable, Sequence
from math import log

from profiles.sections import aspects
from profiles.sketches.decayed import HALF_LIFE_DAYS, DecayedTop, heaviest, summed
from profiles.sketches.quantiles import quantiles
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, ratio_text
from profiles.view import View

SHOWN = 2
"""Places shown of each list."""

PURCHASE_WEIGHT = 5
"""A purchase says as much about tastes as five looks."""

CATEGORIES, ITEMS = (
    [f"{name}.{place}" for place in range(1, SHOWN + 1)] for name in ("top_category", "top_item")
)
BRANDS, SEARCHES = ["top_brand"], ["top_search"]


def _tastes(view: View, _context: Context) -> Fields:
    bought, looked = view.purchase, view.browse
    categories = both(looked.categories, bought.categories)
    brands = both(looked.brands, bought.brands)
    items = both(looked.products, bought.products)
    fields = _categories(categories)
    fields.update(_named(BRANDS, heaviest(brands.weights, 1)))
    fields.update(_named(ITEMS, heaviest(items.weights, SHOWN)))
    fields.update(_error(categories, items))
    return fields


def _searches(view: View, _context: Context) -> Fields:
    return dict(_named(SEARCHES, heaviest(view.browse.queries.weights, 1)))


def both(looked: DecayedTop, bought: DecayedTop) -> DecayedTop:
    """Return looks and purchases as one, to be read."""
    if not looked.weights:
        return bought  # as it is: only shares of the weights count
    return summed(looked, bought, PURCHASE_WEIGHT)


def _categories(top: DecayedTop) -> Fields:
    weights = top.weights
    if not weights:
        return {}
    ranked = heaviest(weights, SHOWN)
    fields = dict(_named(CATEGORIES, ranked))
    fields["top_category.share"] = ratio_text(weights[ranked[0]] / sum(weights.values()))
    if len(weights) > 1:
        fields["diversity"] = ratio_text(evenness(weights.values()))
    return fields


def _named(fields: Sequence[str], ranked: list[str]) -> Iterable[tuple[str, str]]:
    return zip(fields, map(name_text, ranked), strict=False)


def _error(*tops: DecayedTop) -> Fields:
    """Return by how much shares may be off, the largest of several bounds."""
    bounds = [top.error / sum(top.weights.values()) for top in tops if top.error]
    return {"tastes.error": ratio_text(max(bounds))} if bounds else {}


def evenness(weights: Collection[int]) -> float:
    """Return the Shannon entropy of at least two weights over the highest that many may have.

    From 0, all in one, to 1, all alike (Pielou, 1966).

    >>> evenness([5, 5]), evenness([1, 0])
    (1.0, 0.0)
    """
    total = sum(weights)
    shares = [weight / total for weight in weights if weight]
    return max(0.0, -sum([share * log(share) for share in shares])) / log(len(weights))


def _prices(view: View, _context: Context) -> Fields:
    prices = view.purchase.prices
    if not prices:
        return {}
    half, most = quantiles(prices, 0.5, 0.9)
    return {"price.p50": ratio_text(half), "price.p90": ratio_text(most)}


_SOURCES: Sources = ("purchase", "browse")
_HALF_LIFE = f"half-life {HALF_LIFE_DAYS} days unless set"
_WEIGHTS = f"looks and 5 × purchases, {_HALF_LIFE}"
_CATEGORIES = "16 bought and 16 looked at"
_ITEMS = "32 bought and 16 looked at"
_BRANDS = "8 bought and 8 looked at"
_ERROR = "bound of the error of categories' and items' shares; only beyond their limits"
_PRICE = "5 % of the value"


def _names(name: str, en: str, zh: str, kept: str) -> Trait:
    return _first_of(f"{name}.<1-2>", en, zh, kept)


def _first_of(name: str, en: str, zh: str, kept: str) -> Trait:
    return Trait(name, "text", "name", f"favourite {en} by {_WEIGHTS}", zh, _SOURCES, kept)


TASTES = TraitGroup(
    (
        _names("top_category", "categories", "偏好品类", _CATEGORIES),
        Trait(
            "top_category.share",
            "ratio",
            "share",
            "the first one's share of all categories' weight",
            "首选品类占比",
            _SOURCES,
            _CATEGORIES,
            "0..1",
        ),
        Trait(
            "diversity",
            "ratio",
            "",
            "evenness of the categories' weights: entropy / its maximum",
            "品类多样性",
            _SOURCES,
            _CATEGORIES,
            "0..1",
        ),
        _first_of("top_brand", "brand", "偏好品牌", _BRANDS),
        _names("top_item", "items", "偏好商品", _ITEMS),
        Trait("tastes.error", "ratio", "share", _ERROR, "偏好占比误差上限", _SOURCES, "bound"),
    ),
    _tastes,
    timeless=True,
    aspects=aspects.TASTES,
)

SEARCHED = TraitGroup(
    (
        Trait(
            "top_search",
            "text",
            "lower case",
            f"favourite search by how often, {_HALF_LIFE}",
            "常用搜索词",
            ("browse",),
            "4 searches",
        ),
    ),
    _searches,
    timeless=True,
    aspects=aspects.TASTES,
)

PRICES = TraitGroup(
    (
        Trait(
            "price.p50",
            "ratio",
            "base currency",
            "median unit price of lines bought, the lower of two in the middle",
            "单价中位数",
            ("purchase",),
            _PRICE,
        ),
        Trait(
            "price.p90",
            "ratio",
            "base currency",
            "least unit price that 9 of 10 lines do not exceed",
            "单价九成分位",
            ("purchase",),
            _PRICE,
        ),
    ),
    _prices,
    timeless=True,
    aspects=aspects.TASTES,
)
