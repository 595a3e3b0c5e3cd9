"""What the shop sells: the same items in every shop, so that runs can be compared."""

from random import Random
from typing import Final, NamedTuple

ITEMS_PER_CATEGORY: Final = 40
SPREAD: Final = 0.5  # of the prices within a category: log-normal sigma

# category: median list price, brands
_CATEGORIES: Final = {
    "coffee": (9.0, ("Nordlys", "Barista & Co")),
    "tea": (7.0, ("Longjing House", "Leaf")),
    "books": (14.0, ("Penrose", "Northlight")),
    "toys": (18.0, ("Kubik", "Little Fox")),
    "kitchen": (32.0, ("Hearth", "Messer", "Fire & Salt")),
    "garden": (26.0, ("Greenhand", "Terra")),
    "sport": (45.0, ("Swift", "Summit")),
    "beauty": (22.0, ("Lotus", "Clair")),
    "fashion": (38.0, ("Weft", "Atelier 9", "Uniq")),
    "electronics": (120.0, ("Volt", "Hanlin", "Pico")),
}


class Item(NamedTuple):
    """Something for sale, at its list price."""

    item_id: str
    item_name: str
    category: str
    brand: str
    price: float


def _shelf(category: str, price: float, brands: tuple[str, ...]) -> tuple[Item, ...]:
    rng = Random(category)  # noqa: S311 - a simulation
    return tuple(
        Item(
            f"{category[:3]}-{number:03}",
            f"{(brand := rng.choice(brands))} {category} {number}",
            category,
            brand,
            round(price * rng.lognormvariate(0.0, SPREAD), 2),
        )
        for number in range(ITEMS_PER_CATEGORY)
    )


CATALOGUE: Final = {name: _shelf(name, *rest) for name, rest in _CATEGORIES.items()}
CATEGORIES: Final = tuple(CATALOGUE)
