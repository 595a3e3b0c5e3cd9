"""What is known about a customer: facts that a later one replaces, and who stated them."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NamedTuple

from profiles.sections.facts import SPAN, Facts
from profiles.sections.monoids import COUNT, Monoid

ENVELOPE = frozenset({"type", "event_id", "customer_id", "ts", "schema_version", "source"})

CONSENT = "consent."
"""Begins the name of every consent: a purpose is a fact of its own."""

MAX_FACTS = 48
"""Facts and consents kept per customer."""

Statements = list[list[Any]]
"""`[event time ms, source, {fact: value}]` in order of time; a fact stands in its latest one."""


class Fact(NamedTuple):
    """One fact, as it was last stated; without a source, "" stands for it."""

    name: str
    value: Any
    ts: int
    source: str


def merge_statements(a: Statements, b: Statements) -> Statements:
    """Keep each fact where it was stated last.

    >>> merge_statements([[1, "form", {"city": "Rome", "age": 34}]], [[2, "crm", {"city": "Bonn"}]])
    [[1, 'form', {'age': 34}], [2, 'crm', {'city': 'Bonn'}]]
    """
    if not a or not b:
        return a or b
    latest: dict[str, Fact] = {}
    for fact in (*_facts(a), *_facts(b)):
        known = latest.get(fact.name)
        if known is None or _rank(fact) > _rank(known):
            latest[fact.name] = fact
    return _statements(latest.values())


class CustomerFacts(Facts):
    """The latest value of every fact, by (event time, source).

    >>> facts = CustomerFacts()
    >>> for ts, city in ((5, "Bonn"), (3, "Rome")):
    ...     _ = facts.fold({"type": "customer", "event_id": "e", "customer_id": "c", "ts": ts,
    ...                     "city": city, "source": "crm"})
    >>> list(facts.known())
    [Fact(name='city', value='Bonn', ts=5, source='crm')]
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN | {
        "count": COUNT,
        "statements": Monoid(list, merge_statements),
    }
    __slots__ = tuple(LAYOUT.keys() - SPAN.keys())

    count: int
    statements: Statements

    @property
    def events(self) -> int:
        """Customer events counted."""
        return self.count

    def known(self) -> Iterator[Fact]:
        """Yield the facts that stand, those stated first before others."""
        yield from _facts(self.statements)

    def fold(self, event: Any) -> bool:
        """Take over the facts of one event where they are the latest."""
        ts, source = event["ts"], event.get("source", "")
        self.see(ts)
        self.count += 1
        stated = [
            Fact(key, value, ts, source)
            for name in event
            if name not in ENVELOPE
            for key, value in _flatten(name, event[name])
        ]
        self.statements = merge_statements(self.statements, _statements(stated))
        return False


def _flatten(name: str, value: Any) -> list[tuple[str, Any]]:
    """Give every purpose of consent a key of its own, so that one does not replace another."""
    if isinstance(value, dict):
        return [(f"{name}.{key}", entry) for key, entry in value.items()]
    return [(name, value)]


def _facts(statements: Statements) -> list[Fact]:
    return [
        Fact(name, value, ts, source)
        for ts, source, stated in statements
        for name, value in stated.items()
    ]


def _statements(facts: Iterable[Fact]) -> Statements:
    """Gather facts by time and source, so that both are stored once for all of them.

    At most `MAX_FACTS` are kept: the first by name, consents last (their names are free). Which
    ones stay depends on the names alone, so merging stays associative.
    """
    kept = sorted(facts, key=lambda fact: (fact.name.startswith(CONSENT), fact.name))[:MAX_FACTS]
    statements: dict[tuple[int, str], dict[str, Any]] = {}
    for fact in kept:
        statements.setdefault((fact.ts, fact.source), {})[fact.name] = fact.value
    return [[ts, source, stated] for (ts, source), stated in sorted(statements.items())]


def _rank(fact: Fact) -> tuple[int, str, str]:
    """Order facts in time; of one moment and source, by what they look like: types may differ."""
    return fact.ts, fact.source, repr(fact.value)
