"""The second oracle: the product's own fold, one record at a time, with no store between.

It holds sections and public fields to the byte; that the fold counts rightly, the first one says.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from profiles.chosen import folding_of, traits_of
from profiles.derive import Deriver
from profiles.scores import LiveScores
from profiles.sections.section import Header, Section
from profiles.settings import Settings
from profiles.traits.catalogue import UNKNOWN
from profiles.traits.parts import joined
from profiles.view import View
from schemas.decode import decode
from schemas.topics import Kind

HOUR_MS = 3_600_000


class Record(NamedTuple):
    """What `decode` reads of a record."""

    value: bytes | None
    timestamp: int


class Live(NamedTuple):
    """A section as an object, and the header it would be stored with."""

    section: Section
    header: Header


class State(NamedTuple):
    """What Redis should hold of a customer."""

    sections: dict[str, bytes]
    fields: dict[str, str]


class Folded:
    """Folds records one by one, in the order of their partitions' logs."""

    def __init__(self, settings: Settings) -> None:
        self._future_ms = int(settings.max_future_hours * HOUR_MS)
        self._folding = folding_of(settings)
        self._base_currency = settings.base_currency
        self._deriver = Deriver(traits_of(settings), settings.base_currency, LiveScores())
        self._live: dict[str, dict[str, Live]] = {}
        self._states: dict[str, State] = {}  # of customers that have not changed since

    def fold(self, kind: Kind, epoch: int, message: Any) -> None:
        """Take one record of a topic of this kind, in its life `epoch`."""
        record = Record(message.value(), message.timestamp()[1])
        for _, event in decode(kind, [record], self._future_ms).accepted:
            header = Header(self._folding.version, epoch, message.offset())
            self._fold(f"{kind}/{message.partition()}", kind, header, event)

    def _fold(self, field: str, kind: Kind, header: Header, event: Any) -> None:
        customer = event["customer_id"]
        sections = self._live.setdefault(customer, {})
        known = sections.get(field)
        section = known.section if known else Section.empty(kind, self._folding.keeps)
        if event.get("currency") == self._base_currency:
            del event["currency"]
        if not section.is_duplicate(event["event_id"]):
            section.facts.fold(event, self._folding.half_life_ms)
        sections[field] = Live(section, header)
        self._states.pop(customer, None)

    def states(self) -> Iterator[tuple[str, State]]:
        """Yield what Redis should hold of each customer."""
        for customer, live in self._live.items():
            if customer not in self._states:
                self._states[customer] = self._state(live)
            yield customer, self._states[customer]

    def _state(self, live: dict[str, Live]) -> State:
        sections = {field: each.section.encode(each.header) for field, each in live.items()}
        view = View.of((field, each.section.facts) for field, each in live.items())
        parts = self._deriver.parts([view], [view.last_seen or 0], [UNKNOWN])
        return State(sections, joined(parts[0]))
