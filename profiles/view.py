"""A customer as seen across all sections: one `Facts` of each kind, merged over partitions."""

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from profiles.sections.browse import BrowseFacts
from profiles.sections.customer import CustomerFacts
from profiles.sections.facts import Facts
from profiles.sections.feedback import FeedbackFacts
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import KINDS
from profiles.sections.touch import TouchFacts

_EMPTY = {kind: facts() for kind, facts in KINDS.items()}
"""Stand in for kinds without a section; views are read, never folded."""


class View(NamedTuple):
    """What traits and features are derived from; kinds without a section are empty."""

    purchase: PurchaseFacts
    browse: BrowseFacts
    feedback: FeedbackFacts
    customer: CustomerFacts
    touch: TouchFacts

    @classmethod
    def of(cls, sections: Iterable[tuple[str, Facts]]) -> "View":
        """Merge pairs of a section's field, or its kind alone, and its facts into one view.

        Facts of one kind are merged in the order of their fields, however they come: bounded
        sketches of three and more depend on it, beyond their bounds.

        >>> View.of([]).first_seen is None
        True
        """
        pairs = list(sections)
        merged = {field.partition("/")[0]: facts for field, facts in pairs}
        if len(merged) < len(pairs):
            merged = _merge(sorted(pairs, key=itemgetter(0)))
        return cls(*(merged.get(kind) or _EMPTY[kind] for kind in cls._fields))  # type: ignore[arg-type]  # KINDS pairs kinds with these classes

    @property
    def events(self) -> int:
        """Events of all topics."""
        return sum([facts.events for facts in self])

    @property
    def first_seen(self) -> int | None:
        """Earliest event time (ms)."""
        times = [facts.first_seen for facts in self if facts.first_seen is not None]
        return min(times, default=None)

    @property
    def last_seen(self) -> int | None:
        """Latest event time (ms): the moment that traits and scores speak of."""
        times = [facts.last_seen for facts in self if facts.last_seen is not None]
        return max(times, default=None)


def _merge(sections: list[tuple[str, Facts]]) -> dict[str, Facts]:
    merged: dict[str, Facts] = {}
    for field, facts in sections:
        kind = field.partition("/")[0]
        merged[kind] = merged[kind].merged(facts) if kind in merged else facts
    return merged
