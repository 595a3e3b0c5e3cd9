"""Traits: the public fields of a profile, derived from a view by pure functions.

Nothing here reads a clock: what depends on time is given as of the customer's latest event, so a
profile is a function of the log alone.
"""

from profiles.traits.behaviour import behaviour
from profiles.traits.engagement import engagement
from profiles.traits.known import known_facts
from profiles.traits.tastes import tastes
from profiles.traits.value import value
from profiles.traits.voice import voice
from profiles.view import View

Fields = dict[str, str]
"""Public fields by name; every value is text of at most 64 bytes."""

MAX_FIELDS = 128
MAX_FIELD_BYTES = 64
"""Beyond these Redis would turn the profile's listpack into a hash table five times as large."""


def derive(view: View, base_currency: str) -> Fields:
    """Return the public fields of a customer, models' scores not among them.

    >>> derive(View.of([]), "GBP")
    {}
    """
    if not view.events:
        return {}
    fields = engagement(view)
    fields |= value(view.purchase, base_currency)
    fields |= behaviour(view.browse)
    fields |= tastes(view)
    fields |= voice(view.feedback)
    return fields | known_facts(view.customer)
