"""A customer of the shop: the latent truth, the habits and the facts that they sign up with."""

from random import Random
from typing import Any, Final

from streams.shop.catalogue import CATALOGUE, CATEGORIES, Item
from streams.shop.kinds import DAY_MS, FADE_DAYS, OFF_SEASON, CustomerKind, in_season

FAVOURITES: Final = 3
FAVOURITE_SHARE: Final = 0.85  # of the items looked at; the others are from anywhere
FADED_VISITS: Final = 0.5

_HOMES: Final = {
    "en": (
        ("GB", "England", "London"),
        ("GB", "Scotland", "Glasgow"),
        ("IE", "Leinster", "Dublin"),
    ),
    "zh": (("CN", "上海", "上海"), ("CN", "广东", "深圳"), ("CN", "四川", "成都")),
}
_LANGUAGES: Final = ("en", "en", "en", "zh", "zh")
_CHANNELS: Final = ("web", "web", "app", "app", "store")
_DEVICES: Final = ("phone", "phone", "desktop", "tablet")
_OCCUPATIONS: Final = (
    "engineer",
    "teacher",
    "nurse",
    "student",
    "clerk",
    "retired",
    "self-employed",
)
_EDUCATION: Final = ("school", "college", "bachelor", "master")
_STATUS: Final = ("single", "married", "divorced")


class Customer:
    """Drawn once, at sign-up; afterwards only the number of orders and the consent change."""

    __slots__ = (
        "channel",
        "device",
        "favourites",
        "id",
        "joined_ms",
        "kind",
        "language",
        "leaves_ms",
        "orders",
        "reachable",
    )

    def __init__(self, number: int, kind: CustomerKind, joined_ms: int, rng: Random) -> None:
        self.id = f"c{number}"
        self.kind = kind
        self.joined_ms = joined_ms
        self.leaves_ms = joined_ms + int(rng.expovariate(1 / kind.stays_days) * DAY_MS)
        self.favourites = rng.sample(CATEGORIES, FAVOURITES)
        self.language = rng.choice(_LANGUAGES)
        self.channel = rng.choice(_CHANNELS)
        self.device = rng.choice(_DEVICES)
        self.orders = 0
        self.reachable = False  # until they agree to it

    def fades(self, ts: int) -> bool:
        """Tell whether the customer, unknown to anybody, is about to leave."""
        return self.leaves_ms - ts < FADE_DAYS * DAY_MS

    def comes(self, ts: int, rng: Random) -> bool:
        """Thin the visits (Lewis and Shedler, 1979): fewer off season, fewer when fading."""
        presence = OFF_SEASON if self.kind.seasonal and not in_season(ts) else 1.0
        if self.fades(ts):
            presence *= FADED_VISITS
        return ts == self.joined_ms or rng.random() < presence

    def next_visit(self, ts: int, rng: Random) -> int:
        """When the customer would come again, before thinning."""
        return ts + 1 + int(rng.expovariate(self.kind.visits_per_day) * DAY_MS)

    def look(self, rng: Random) -> Item:
        """Pick an item: mostly of a favourite category, and there mostly one of the first."""
        likes = self.favourites if rng.random() < FAVOURITE_SHARE else CATEGORIES
        shelf = CATALOGUE[likes[int(rng.random() * len(likes))]]
        return shelf[int(rng.random() * rng.random() * len(shelf))]

    def facts(self, rng: Random) -> dict[str, Any]:
        """What the customer tells of themselves."""
        country, region, city = rng.choice(_HOMES[self.language])
        facts: dict[str, Any] = {
            "age": min(85, max(18, round(rng.gauss(38, 12)))),
            "gender": rng.choice(("female", "male")),
            "country": country,
            "region": region,
            "city": city,
            "income": round(rng.lognormvariate(10.4, 0.4), -3),
            "occupation": rng.choice(_OCCUPATIONS),
            "education": rng.choice(_EDUCATION),
            "marital_status": rng.choice(_STATUS),
            "household_size": rng.randint(1, 5),
            "language": self.language,
            "channel": self.channel,
            "interests": self.favourites[:2],
            "consent": {"marketing": rng.random() < 0.6, "profiling": True},
        }
        self.reachable = facts["consent"]["marketing"]
        return facts
