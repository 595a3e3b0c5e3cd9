"""Since when and until when a customer has been heard of."""

from profiles.sections import aspects
from profiles.traits.catalogue import Context, Fields, Trait, TraitGroup
from profiles.traits.text import time_text
from profiles.view import View
from schemas.topics import KINDS


def _engagement(view: View, _context: Context) -> Fields:
    first, last = view.first_seen, view.last_seen
    if first is None or last is None:
        return {}
    return {
        "events": str(view.events),
        "first_seen": time_text(first),
        "last_seen": time_text(last),
    }


ENGAGEMENT = TraitGroup(
    (
        Trait("events", "count", "events", "events counted, all topics", "事件总数", KINDS),
        Trait("first_seen", "time", "UTC", "earliest event", "首次出现", KINDS),
        Trait("last_seen", "time", "UTC", "latest event", "最近出现", KINDS),
    ),
    _engagement,
    timeless=True,
    aspects=aspects.NONE,
)
