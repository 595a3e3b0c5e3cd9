"""What is known about a customer: facts that a later one replaces."""

from typing import Any, ClassVar

from profiles.sections.facts import SPAN, Facts
from profiles.sections.monoids import COUNT, LATEST_BY_KEY, Monoid, latest_by_key

ENVELOPE = frozenset({"type", "event_id", "customer_id", "ts", "schema_version"})


class CustomerFacts(Facts):
    """The latest value of every fact, by (event time, event id).

    >>> facts = CustomerFacts()
    >>> for ts, city in ((5, "Bonn"), (3, "Rome")):
    ...     _ = facts.fold({"type": "customer", "event_id": "e", "customer_id": "c", "ts": ts,
    ...                     "city": city})
    >>> facts.values
    {'city': [5, 'e', 'Bonn']}
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {"count": COUNT, "values": LATEST_BY_KEY}
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    count: int
    values: dict[str, list[Any]]

    @property
    def events(self) -> int:
        """Customer events counted."""
        return self.count

    def fold(self, event: Any) -> bool:
        """Take over the facts of one event where they are the latest."""
        ts, event_id = event["ts"], event["event_id"]
        self.see(ts)
        self.count += 1
        stated = {
            key: [ts, event_id, value]
            for name in event
            if name not in ENVELOPE
            for key, value in _flatten(name, event[name])
        }
        self.values = latest_by_key(self.values, stated)
        return False


def _flatten(name: str, value: Any) -> list[tuple[str, Any]]:
    """Give every purpose of consent a key of its own, so that one does not replace another."""
    if isinstance(value, dict):
        return [(f"{name}.{key}", entry) for key, entry in value.items()]
    return [(name, value)]
