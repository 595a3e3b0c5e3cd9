"""Since when and until when a customer has been heard of."""

from profiles.traits.text import time_text
from profiles.view import View


def engagement(view: View) -> dict[str, str]:
    """Return `events`, `first_seen`, `last_seen` over all topics."""
    first, last = view.first_seen, view.last_seen
    if first is None or last is None:
        return {}
    return {
        "events": str(view.events),
        "first_seen": time_text(first),
        "last_seen": time_text(last),
    }
