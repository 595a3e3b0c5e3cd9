"""A thousand malformed records among good ones: each is a dead letter, and harms no neighbour."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from redis import Redis

from profiles.reader import ProfileReader
from profiles.settings import Settings
from schemas.topics import DEAD, KINDS, event_topic
from streams.dead import DeadLetter, read_dead_letter
from streams.embedded.broker import PARTITIONS
from streams.outbox import producer_settings
from streams.run.accounts import count
from streams.run.stack import RunningStack
from tests.schemas.malformed import MALFORMED

GOOD, BAD, CUSTOMERS, SEED = 100_000, 1_000, 2_000, 3
WAIT_SECONDS = 60
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

    kind: str
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


def good_event(number: int) -> tuple[str, str, bytes]:
    """Kind, customer and bytes of a good event; its optional fields cost nothing here."""
    kind, customer = KINDS[number % len(KINDS)], f"c{number % CUSTOMERS}"
    envelope = {"event_id": f"e{number}", "customer_id": customer, "ts": NOON_MS + number}
    return kind, customer, b"{" + AS_TYPE[kind] + b"," + orjson.dumps(envelope)[1:]


QUEUE = 50_000


class Sender:
    """One producer for all, so that good and malformed records share batches."""

    def __init__(self, stack: RunningStack) -> None:
        self._brake = stack.brake
        self._producer: Any = Producer(producer_settings(stack.settings.brokers))
        self.sent = Sent({}, Counter())

    def good(self, number: int) -> None:
        kind, customer, value = good_event(number)
        self.sent.good[customer] += 1
        self._send(kind, customer.encode(), value)

    def bad(self, number: int, record: Bad) -> None:
        key = b"bad %d" % number

        def note(error: object, message: Any) -> None:
            assert error is None
            place = message.topic(), message.partition(), message.offset()
            self.sent.bad[place] = (key, record)

        self._send(record.kind, key, record.value, on_delivery=note)

    def _send(self, kind: Any, key: bytes, value: bytes, **options: Any) -> None:
        number = self._brake.add(kind, key, len(value))
        headers = [("origin", key)]
        while len(self._producer) > QUEUE:  # more than the client's own queue would take
            self._producer.poll(0.01)
        self._producer.produce(event_topic(kind), value, key, number, headers=headers, **options)
        self._producer.poll(0)

    def flush(self) -> None:
        assert self._producer.flush(WAIT_SECONDS) == 0


def send_all(stack: RunningStack) -> Sent:
    """Send good events with the malformed ones strewn among them."""
    faults, sender = itertools.cycle(malformed()), Sender(stack)
    strewn = set(random.Random(SEED).sample(range(GOOD), BAD))
    for number in range(GOOD):
        if number in strewn:
            sender.bad(number, next(faults))
        sender.good(number)
    sender.flush()
    return sender.sent


def dead_letters(brokers: str) -> Iterator[DeadLetter]:
    """Everything in the dead letters' topic, as it is there."""
    consumer: Any = Consumer({"bootstrap.servers": brokers, "group.id": "test"})
    for number in range(PARTITIONS):
        place = TopicPartition(DEAD, number)
        begin, end = consumer.get_watermark_offsets(place, timeout=WAIT_SECONDS)
        assert begin == 0  # the broker has kept all of them
        consumer.assign([TopicPartition(DEAD, number, 0)])
        for _ in range(end):
            message = consumer.poll(WAIT_SECONDS)
            yield read_dead_letter(message.key(), message.value(), message.headers())
    consumer.close()


class Outcome(NamedTuple):
    """What was sent, and what became of it."""

    sent: Sent
    letters: list[DeadLetter]
    accounts: Any
    events: dict[str, str]  # by customer


@pytest.fixture(scope="module")
def outcome(redis_server: object) -> Iterator[Outcome]:
    """All of it through broker, worker and Redis."""
    with RunningStack(Settings()) as stack:
        sent = send_all(stack)
        stack.brake.wait_until_done()
        with Redis.from_url(stack.settings.redis_url) as redis:
            profiles = ProfileReader(redis).get_many(sent.good, "events")
        events = [profile.get("events", "") for profile in profiles]
        yield Outcome(
            sent,
            list(dead_letters(stack.settings.kafka)),
            asyncio.run(count(stack.settings.redis_url)),
            dict(zip(sent.good, events, strict=True)),
        )


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
    assert outcome.accounts.accepted == GOOD
    assert outcome.accounts.duplicates == 0
    assert outcome.accounts.customers == CUSTOMERS
    assert outcome.events == {c: str(events) for c, events in outcome.sent.good.items()}
