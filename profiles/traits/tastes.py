"""What a customer likes: categories and products by forward-decayed weight."""

from profiles.sketches.decayed import DecayedTop, heaviest
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, number_text
from profiles.view import View

SHOWN = 3
"""Places shown of each list."""

PURCHASE_WEIGHT = 5.0
"""A purchase says as much about tastes as five looks."""


def _tastes(view: View, context: Context) -> Fields:
    as_of = context.as_of
    categories = (view.purchase.categories, view.browse.categories)
    products = (view.purchase.products, view.browse.products)
    return _places("top_category", *categories, as_of) | _places("top_item", *products, as_of)


def _places(name: str, bought: DecayedTop, looked: DecayedTop, as_of: int) -> dict[str, str]:
    fields = {}
    for place, (key, weight) in enumerate(_shown(bought, looked, as_of), start=1):
        fields[f"{name}.{place}"] = name_text(key)
        fields[f"{name}.{place}.weight"] = number_text(weight)
    error = PURCHASE_WEIGHT * bought.bound(as_of) + looked.bound(as_of)
    return fields | {f"{name}.error": number_text(error)} if error else fields


def _shown(bought: DecayedTop, looked: DecayedTop, as_of: int) -> list[tuple[str, float]]:
    if not looked.weights:
        return [(key, PURCHASE_WEIGHT * weight) for key, weight in bought.top(SHOWN, as_of)]
    if not bought.weights:
        return looked.top(SHOWN, as_of)
    weights = dict(looked.top(looked.capacity, as_of))
    for key, weight in bought.top(bought.capacity, as_of):
        weights[key] = weights.get(key, 0.0) + PURCHASE_WEIGHT * weight
    return heaviest(weights, SHOWN)


_SOURCES: Sources = ("purchase", "browse")
_WEIGHT = "looks + 5 × purchases, half-life 30 days"
_CATEGORIES = "32 categories bought and 32 looked at"
_ITEMS = "64 items bought and 32 looked at"
_ERROR = "bound of the weights' error; only beyond the limits"

TASTES = TraitGroup(
    (
        Trait(
            "top_category.<1-3>",
            "text",
            "name",
            "favourite categories",
            "偏好品类",
            _SOURCES,
            _CATEGORIES,
        ),
        Trait(
            "top_category.<1-3>.weight",
            "number",
            "looks",
            _WEIGHT,
            "品类权重",
            _SOURCES,
            _CATEGORIES,
        ),
        Trait(
            "top_category.error", "number", "looks", _ERROR, "品类权重误差上限", _SOURCES, "1e-9"
        ),
        Trait("top_item.<1-3>", "text", "item id", "favourite items", "偏好商品", _SOURCES, _ITEMS),
        Trait("top_item.<1-3>.weight", "number", "looks", _WEIGHT, "商品权重", _SOURCES, _ITEMS),
        Trait("top_item.error", "number", "looks", _ERROR, "商品权重误差上限", _SOURCES, "1e-9"),
    ),
    _tastes,
)
