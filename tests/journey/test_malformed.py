"""A thousand malformed records among good ones: each is a dead letter, and harms no neighbour."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson
import pytest

from schemas.topics import KINDS, Kind, event_topic
from streams.dead import DeadLetter
from tests.journey.command import Run
from tests.journey.places import ALL, place
from tests.journey.records import Record, logs_of
from tests.schemas.malformed import MALFORMED

BAD, CUSTOMERS, SEED = 1_000, 2_000, 3
GOOD = dict.fromkeys(ALL, 20_000) | {"embedded-redis": 100_000}
NOON_MS = 1_300_000_000_000

AS_TYPE = {
    "purchase": b'"type": "purchase"',
    "browse": b'"type": "browse", "action": "view"',
    "feedback": b'"type": "feedback", "rating": 4',
    "customer": b'"type": "customer", "age": 40',
    "touch": b'"type": "touch", "campaign": "may", "action": "open"',
}
ENVELOPE = ("customer_id", "event_id", "ts", "schema_version")
"""Fields that all kinds of events have, so that their faults are faults everywhere."""

Place = tuple[str, int, int]


class Bad(NamedTuple):
    """A malformed record and what its dead letter must say."""

    kind: Kind
    value: bytes
    error_type: str
    field: str


class Sent(NamedTuple):
    """What was sent: malformed records by place, good events by customer."""

    bad: dict[Place, tuple[bytes, Bad]]
    good: Counter[str]


def malformed() -> list[Bad]:
    """Every kind of fault in every topic where it is one."""
    return [
        Bad(kind, value.replace(AS_TYPE["purchase"], AS_TYPE[kind]), error_type, field)
        for _, value, error_type, field in MALFORMED
        for kind in KINDS
        if kind == "purchase" or not field or field in ENVELOPE
    ]


def good_event(number: int) -> tuple[Kind, str, bytes]:
    """Kind, customer and bytes of a good event; its optional fields cost nothing here."""
    kind, customer = KINDS[number % len(KINDS)], f"c{number % CUSTOMERS}"
    envelope = {"event_id": f"e{number}", "customer_id": customer, "ts": NOON_MS + number}
    return kind, customer, b"{" + AS_TYPE[kind] + b"," + orjson.dumps(envelope)[1:]


def to_send(good: int) -> list[Record]:
    """Good events with the malformed ones strewn among them."""
    faults = itertools.cycle(malformed())
    strewn = set(random.Random(SEED).sample(range(good), BAD))
    records = []
    for number in range(good):
        if number in strewn:
            bad, key = next(faults), b"bad %d" % number
            records.append(Record(bad.kind, key, bad.value, [("origin", key)]))
        kind, customer, value = good_event(number)
        records.append(Record(kind, customer.encode(), value, [("origin", customer.encode())]))
    return records


def sent_as(records: list[Record]) -> Sent:
    """Where each malformed record stands in its log, and how many good ones everybody has."""
    faults, sent = itertools.cycle(malformed()), Sent({}, Counter())
    expected = {each.key: next(faults) for each in records if each.key.startswith(b"bad")}
    for (kind, partition), log in logs_of(records).items():
        for offset, record in enumerate(log):
            if record.key in expected:
                place = event_topic(kind), partition, offset
                sent.bad[place] = record.key, expected[record.key]
            else:
                sent.good[record.key.decode()] += 1
    return sent


class Outcome(NamedTuple):
    """What was sent, and what became of it."""

    sent: Sent
    run: Run

    @property
    def letters(self) -> Sequence[DeadLetter]:
        return self.run.letters


@pytest.fixture(scope="module", params=ALL)
def outcome(request: pytest.FixtureRequest) -> Iterator[Outcome]:
    """All of it through broker, worker and store."""
    records = to_send(GOOD[request.param])
    with place(request.param, request) as run:
        yield Outcome(sent_as(records), run(records))


def test_there_are_kinds_enough(outcome: Outcome) -> None:
    assert len(outcome.sent.bad) == BAD
    assert len({record for _, record in outcome.sent.bad.values()}) >= 30
    assert {record.kind for _, record in outcome.sent.bad.values()} == set(KINDS)


def test_each_malformed_record_is_a_dead_letter_with_its_reason(outcome: Outcome) -> None:
    found = {(x.topic, x.partition, x.offset): (x.error_type, x.field) for x in outcome.letters}
    expected = {at: (x.error_type, x.field) for at, (_, x) in outcome.sent.bad.items()}
    assert found == expected


def test_no_letter_comes_twice_from_an_undisturbed_worker(outcome: Outcome) -> None:
    assert len(outcome.letters) == BAD


def test_each_letter_carries_its_own_record(outcome: Outcome) -> None:
    for letter in outcome.letters:
        key, record = outcome.sent.bad[letter.topic, letter.partition, letter.offset]
        # what the client reads back for no bytes is None
        assert (letter.key, letter.value or b"") == (key, record.value)
        assert letter.headers == [("origin", key)]


def test_no_good_event_is_missing_and_none_counts_twice(outcome: Outcome) -> None:
    summary, good = outcome.run.summary, outcome.sent.good
    assert summary["accepted"] == good.total()
    assert summary["duplicates"] == 0
    assert summary["customers"] == CUSTOMERS
    found = {name: profile.get("events", "") for name, profile in outcome.run.profiles.items()}
    assert found == {name: str(events) for name, events in good.items()}
