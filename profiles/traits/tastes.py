"""What a customer likes: categories, brands, items and searches by forward-decayed weight.

Weights decay alike, so shares of them do not change as time passes without events.
"""

from collections.abc import Collection, Iterable, Sequence
from math import log

from profiles.sketches.decayed import DecayedTop, heaviest, summed
from profiles.sketches.quantiles import quantiles
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, ratio_text
from profiles.view import View

SHOWN = 3
"""Places shown of each list."""

PURCHASE_WEIGHT = 5
"""A purchase says as much about tastes as five looks."""

CATEGORIES, BRANDS, ITEMS, SEARCHES = (
    [f"{name}.{place}" for place in range(1, SHOWN + 1)]
    for name in ("top_category", "top_brand", "top_item", "top_search")
)
SHARES = [f"{category}.share" for category in CATEGORIES]


def _tastes(view: View, _context: Context) -> Fields:
    bought, looked = view.purchase, view.browse
    brands = _both(looked.brands, bought.brands)
    items = _both(looked.products, bought.products)
    fields = _categories(_both(looked.categories, bought.categories))
    fields.update(_named(BRANDS, heaviest(brands.weights, SHOWN)))
    fields.update(_named(ITEMS, heaviest(items.weights, SHOWN)))
    fields.update(_error("top_item", items))
    return fields


def _searches(view: View, _context: Context) -> Fields:
    return dict(_named(SEARCHES, heaviest(view.browse.queries.weights, SHOWN)))


def _both(looked: DecayedTop, bought: DecayedTop) -> DecayedTop:
    if not looked.weights:
        return bought  # as it is: only shares of the weights count
    return summed(looked, bought, PURCHASE_WEIGHT)


def _categories(top: DecayedTop) -> Fields:
    weights = top.weights
    if not weights:
        return {}
    ranked, total = heaviest(weights, SHOWN), sum(weights.values())
    fields = dict(_named(CATEGORIES, ranked))
    fields.update(_error("top_category", top))
    for field, category in zip(SHARES, ranked, strict=False):
        fields[field] = ratio_text(weights[category] / total)
    if len(weights) > 1:
        fields["diversity"] = ratio_text(evenness(weights.values()))
    return fields


def _named(fields: Sequence[str], ranked: list[str]) -> Iterable[tuple[str, str]]:
    return zip(fields, map(name_text, ranked), strict=False)


def _error(name: str, top: DecayedTop) -> Fields:
    if not top.error:
        return {}
    return {f"{name}.error": ratio_text(top.error / sum(top.weights.values()))}


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
_WEIGHTS = "looks and 5 × purchases, half-life 30 days"
_CATEGORIES = "32 bought and 32 looked at"
_ITEMS = "64 bought and 32 looked at"
_BRANDS = "16 bought and 16 looked at"
_ERROR = "bound of the error of weights, in shares of all; only beyond the limits"
_PRICE = "5 % of the value"


def _names(name: str, en: str, zh: str, kept: str, sources: Sources = _SOURCES) -> Trait:
    return Trait(f"{name}.<1-3>", "text", "name", f"{en} by {_WEIGHTS}", zh, sources, kept)


def _bound(name: str, zh: str) -> Trait:
    return Trait(f"{name}.error", "ratio", "share", _ERROR, zh, _SOURCES, "bound")


TASTES = TraitGroup(
    (
        _names("top_category", "favourite categories", "偏好品类", _CATEGORIES),
        _bound("top_category", "品类占比误差上限"),
        Trait(
            "top_category.<1-3>.share",
            "ratio",
            "share",
            "its share of all categories' weight",
            "品类占比",
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
        _names("top_brand", "favourite brands", "偏好品牌", _BRANDS),
        _names("top_item", "favourite items", "偏好商品", _ITEMS),
        _bound("top_item", "商品权重误差上限"),
    ),
    _tastes,
    timeless=True,
)

SEARCHED = TraitGroup(
    (_names("top_search", "searches", "常用搜索词", "8 searches", ("browse",)),),
    _searches,
    timeless=True,
)

PRICES = TraitGroup(
    (
        Trait(
            "price.p50",
            "ratio",
            "base currency",
            "median unit price of lines bought",
            "单价中位数",
            ("purchase",),
            _PRICE,
        ),
        Trait(
            "price.p90",
            "ratio",
            "base currency",
            "unit price that 9 of 10 lines do not exceed",
            "单价九成分位",
            ("purchase",),
            _PRICE,
        ),
    ),
    _prices,
    timeless=True,
)
