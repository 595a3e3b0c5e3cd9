"""Traits: the public fields of a profile, derived from a view by pure functions.

Nothing here reads a clock: what depends on time is given as of a moment that is passed in, the
customer's latest event unless silence itself is looked at. So a profile is a function of the log.
"""

from collections.abc import Collection
from importlib.metadata import entry_points

from profiles.traits.behaviour import BEHAVIOUR
from profiles.traits.campaigns import CAMPAIGNS
from profiles.traits.catalogue import Catalogue, Context, Fields, TraitGroup
from profiles.traits.contact import CONTACT
from profiles.traits.engagement import ENGAGEMENT
from profiles.traits.habits import HABITS
from profiles.traits.known import KNOWN
from profiles.traits.models import MODELS, OF_WORDS
from profiles.traits.rfm import rfm
from profiles.traits.rhythm import RHYTHM
from profiles.traits.tastes import PRICES, SEARCHED, TASTES
from profiles.traits.tiers import DEFAULT_TIERS, tiers_of
from profiles.traits.value import ORDERS, VALUE
from profiles.traits.voice import VOICE
from profiles.traits.windows import AS_OF, MOMENT, WINDOWS

__all__ = ["MAX_FIELDS", "MAX_FIELD_BYTES", "Catalogue", "Context", "Fields", "catalogue"]

MAX_FIELDS = 128
"""A listpack is read from its beginning, so readers of any field pay for all before it."""

MAX_FIELD_BYTES = 64
"""Beyond it Redis would turn the profile's listpack into a hash table five times as large."""

SHIPPED: tuple[TraitGroup, ...] = (
    ENGAGEMENT,
    ORDERS,
    VALUE,
    RHYTHM,
    MOMENT,
    WINDOWS,
    BEHAVIOUR,
    HABITS,
    TASTES,
    SEARCHED,
    PRICES,
    VOICE,
    CONTACT,
    CAMPAIGNS,
    KNOWN,
    MODELS,
    OF_WORDS,
)
ENTRY_POINT = "portrait.traits"


def catalogue(tiers: str = DEFAULT_TIERS, only: Collection[str] = ()) -> Catalogue:
    """Return the shipped traits and those that installed packages add (`portrait.traits`).

    `tiers` is the table that `rfm.tier` follows (`profiles.traits.tiers`); with `only`, no other
    groups than those of these traits are in it, but for `as_of`: the population's figures, RFM
    scores and the segments' days are of the moments that profiles speak of.

    Raises:
        TierRulesError: the table cannot be read, or leaves some scores without a tier.
        TraitError: a trait is declared twice, or asked for and unknown.
    """
    added = [point.load() for point in sorted(entry_points(group=ENTRY_POINT))]
    everything = Catalogue((*SHIPPED, rfm(tiers_of(tiers)), *added))
    return everything.only([*only, AS_OF]) if only else everything
