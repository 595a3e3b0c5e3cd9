"""What a customer does in the shop without buying."""

from profiles.sections.browse import COUNTERS, BrowseFacts
from profiles.traits.text import time_text


def behaviour(facts: BrowseFacts) -> dict[str, str]:
    """Return the counters, the number of sessions and the latest session's bounds."""
    last = facts.sessions.last
    if last is None:
        return {}
    fields = {counter: str(getattr(facts, counter)) for counter in COUNTERS.values()}
    fields["sessions"] = str(facts.sessions.count)
    fields["last_session.start"] = time_text(last[0])
    fields["last_session.end"] = time_text(last[1])
    return fields
