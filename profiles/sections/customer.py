"""What is known about a customer: facts that a later one replaces, and who stated them."""

from collections.abc import Collection
from typing import Any, ClassVar

from profiles.sections import aspects
from profiles.sections.facts import SPAN, Facts, Row
from profiles.sections.monoids import COUNT, Monoid
from profiles.sketches.decayed import HALF_LIFE_MS

ENVELOPE = frozenset({"type", "event_id", "customer_id", "ts", "schema_version", "source"})

NAMES = (
    "age", "gender", "region", "country", "city", "income", "occupation", "education",
    "marital_status", "household_size", "language", "channel", "interests",
    "consent.marketing", "consent.profiling",
)  # fmt: skip
"""Facts that are written as their place here, so only append; others are written by name."""

CONSENT = "consent."
"""Begins the name of every consent: a purpose is a fact of its own."""

MAX_FACTS = 48
"""Facts and consents kept per customer."""

Statements = list[list[Any]]
"""`[event time ms, source, {fact: value}]`, latest first; a fact stands in its latest one only.

So the time and the source of facts that were stated together are stored once. Without a source,
"" stands for it.
"""


def merge_statements(a: Statements, b: Statements) -> Statements:
    """Keep each fact where it was stated last.

    >>> merge_statements([[1, "form", {"city": "Rome", "age": 34}]], [[2, "crm", {"city": "Bonn"}]])
    [[2, 'crm', {'city': 'Bonn'}], [1, 'form', {'age': 34}]]
    """
    if not a or not b:
        return a or b
    together: dict[tuple[int, str], dict[str, Any]] = {}
    for ts, source, stated in (*a, *b):
        known = together.get((ts, source))
        together[ts, source] = stated if known is None else _either(known, stated)
    merged: Statements = []
    stand: set[str] = set()
    for moment in sorted(together, reverse=True):
        stated = {name: value for name, value in together[moment].items() if name not in stand}
        merged.append([*moment, stated])
        stand |= stated.keys()
    return _bounded(merged, stand)


class CustomerFacts(Facts):
    """The latest value of every fact, by (event time, source).

    >>> facts = CustomerFacts()
    >>> for ts, city in ((5, "Bonn"), (3, "Rome")):
    ...     _ = facts.fold({"type": "customer", "event_id": "e", "customer_id": "c", "ts": ts,
    ...                     "city": city, "source": "crm"})
    >>> facts.statements
    [[5, 'crm', {'city': 'Bonn'}]]
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "count": COUNT,
        "statements": Monoid(
            list,
            merge_statements,
            lambda statements: _renamed(statements, _PLACES),
            lambda statements: _renamed(statements, _NAMED),
        ),
    }
    NEEDS: ClassVar[dict[str, int]] = {"statements": aspects.STATED}
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    count: int
    statements: Statements

    @property
    def events(self) -> int:
        """Customer events counted."""
        return self.count

    def fold(self, event: dict[str, Any], _half_life_ms: int = HALF_LIFE_MS, /) -> None:
        """Take over the facts of one event where they are the latest."""
        ts = event["ts"]
        self.see(ts)
        self.count += 1
        if not self.keeps & aspects.STATED:
            return
        stated = {
            key: value
            for name in event
            if name not in ENVELOPE
            for key, value in _flatten(name, event[name])
        }
        statement = _bounded([[ts, event.get("source", ""), stated]], stated.keys())
        self.statements = merge_statements(self.statements, statement)

    def _fill(self, row: Row) -> None:
        self.first_seen, self.last_seen, self.count, self.statements = row


_PLACES: dict[Any, Any] = {name: place for place, name in enumerate(NAMES)}
_NAMED: dict[Any, Any] = dict(enumerate(NAMES))


def _renamed(statements: Statements, names: dict[Any, Any]) -> Statements:
    """Write the names of facts another way, those that `names` does not know as they are."""
    return [
        [ts, source, {names.get(name, name): value for name, value in stated.items()}]
        for ts, source, stated in statements
    ]


def _flatten(name: str, value: Any) -> list[tuple[str, Any]]:
    """Give every purpose of consent a key of its own, so that one does not replace another."""
    if isinstance(value, dict):
        return [(f"{name}.{key}", entry) for key, entry in value.items()]
    return [(name, value)]


def _either(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Join what was stated in one moment; of two values stays one, by its looks: types differ."""
    return a | {name: max(value, a.get(name, value), key=repr) for name, value in b.items()}


def _bounded(statements: Statements, names: Collection[str]) -> Statements:
    """Keep at most `MAX_FACTS`: the first by name, consents last (their names are free).

    Which ones stay depends on the names alone, so merging stays associative.
    """
    if len(names) > MAX_FACTS:
        names = sorted(names, key=lambda name: (name.startswith(CONSENT), name))[:MAX_FACTS]
        statements = [
            [ts, source, {name: stated[name] for name in names if name in stated}]
            for ts, source, stated in statements
        ]
    return [statement for statement in statements if statement[2]]
