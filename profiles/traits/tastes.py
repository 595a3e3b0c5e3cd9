"""What a customer likes: categories and products by forward-decayed weight."""

from profiles.sketches.decayed import DecayedTop, heaviest
from profiles.traits.text import name_text, number_text
from profiles.view import View

SHOWN = 3
"""Places shown of each list."""

PURCHASE_WEIGHT = 5.0
"""A purchase says as much about tastes as five looks."""


def tastes(view: View) -> dict[str, str]:
    """Return `top_category.1` … and `top_item.1` … with their weights as of the latest event.

    Where more keys were seen than are kept, `top_category.error` and `top_item.error` bound by how
    much the weights may be off.
    """
    as_of = view.last_seen
    if as_of is None:
        return {}
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
