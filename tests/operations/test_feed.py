"""A feed whose Kafka is away, or refuses: it says where that is and why, and never hangs."""

import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError

from schemas.mapping import Chunk, TableMapping
from streams import feed
from streams.cli import ingest
from streams.cli.signals import Stopped
from streams.embedded.broker import EmbeddedBroker
from streams.feed import Feed, KafkaAwayError
from streams.outbox import NotAcknowledgedError
from streams.sources import SourceError

NOBODY = "127.0.0.1:1"
PATIENT_SECONDS = 60.0
QUEUE = 100_000
LARGE = b"x" * 1_000_001
MAPPING = """
[fields]
customer_id = "who"
[[event]]
type = "purchase"
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "GREETING_SECONDS", 1.0)
    monkeypatch.setattr(feed, "DELIVERY_SECONDS", 1.0)


def assert_says_where_and_why(error: KafkaAwayError | NotAcknowledgedError) -> None:
    assert "PORTRAIT_KAFKA" in str(error)
    assert error.kafka == NOBODY
    assert "Connection refused" in str(error.error)


def test_a_kafka_that_is_away_is_known_before_the_first_event() -> None:
    with pytest.raises(KafkaAwayError) as caught:
        Feed([NOBODY], "").greet()
    assert_says_where_and_why(caught.value)


def test_events_that_nobody_acknowledges_are_counted_with_where_and_why() -> None:
    sender = Feed([NOBODY], "")
    sender.send("purchase", "anna", b"{}")
    with pytest.raises(NotAcknowledgedError) as caught:
        sender.flush()
    assert caught.value.waiting == 1
    assert_says_where_and_why(caught.value)


def test_events_of_a_topic_that_there_is_not_are_told_with_its_name() -> None:
    sender = Feed([NOBODY], "")
    unknown = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
    sender._on_failure(unknown, SimpleNamespace(topic=lambda: "events.browse"))
    with pytest.raises(NotAcknowledgedError, match="Unknown topic") as caught:
        sender.flush()
    assert caught.value.topic == "events.browse"


def test_a_full_queue_that_nobody_empties_is_an_error_and_no_endless_wait() -> None:
    sender = Feed([NOBODY], "")
    with pytest.raises(NotAcknowledgedError) as caught:
        for _ in range(QUEUE + 1):
            sender.send("purchase", "anna", b"{}")
    assert caught.value.waiting == sender.sent == QUEUE
    assert_says_where_and_why(caught.value)


def test_what_kafka_takes_in_no_case_is_an_error_of_ours_with_the_cause() -> None:
    with pytest.raises(NotAcknowledgedError, match="size too large"):
        Feed([NOBODY], "").send("purchase", "anna", LARGE)


def test_a_customer_that_is_no_text_is_sent_for_validation_to_refuse() -> None:
    with EmbeddedBroker() as broker:
        sender = Feed([broker.bootstrap], "")
        sender.send("purchase", "a\udc80", b"{}")
        sender.flush()


def test_what_was_read_of_a_source_that_breaks_off_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_off(*_: object) -> Iterator[Chunk]:
        yield Chunk({"who": ["anna", "bert"]}, range(2))
        raise SourceError("cannot be read to its end", source="orders.csv")

    monkeypatch.setattr(feed, "open_source", breaks_off)
    with EmbeddedBroker() as broker:
        sender = Feed([broker.bootstrap], "")
        with pytest.raises(SourceError):
            sender.send_source("orders.csv", TableMapping.parse(MAPPING, "test"), lambda _: None)
        assert sender.sent == sender.acknowledged == 2


def test_a_stop_waits_little_for_a_silent_kafka_and_tells_what_is_not_known_to_be_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_stopped(*_: object) -> Iterator[Chunk]:
        yield Chunk({"who": ["anna", "bert"]}, range(2))
        raise Stopped(signal.SIGINT)

    monkeypatch.setattr(feed, "open_source", is_stopped)
    monkeypatch.setattr(feed, "DELIVERY_SECONDS", PATIENT_SECONDS)
    sender = Feed([NOBODY], "")
    started = time.monotonic()
    with pytest.raises(Stopped):
        sender.send_source("orders.csv", TableMapping.parse(MAPPING, "test"), lambda _: None)
    ingest._tell_stopped(2, sender)
    assert time.monotonic() - started < PATIENT_SECONDS / 2
    said = capsys.readouterr().err
    assert "2 rows read, 0 events sent, 2 more not acknowledged by PORTRAIT_KAFKA" in said


def test_a_load_that_is_stopped_tells_what_kafka_has_for_certain(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_stopped(*_: object) -> Iterator[None]:
        raise Stopped(signal.SIGINT)
        yield

    monkeypatch.setattr(feed, "DELIVERY_SECONDS", PATIENT_SECONDS)
    monkeypatch.setattr(ingest, "raise_when_stopped", lambda: None)
    monkeypatch.setattr(ingest, "_paced", is_stopped)
    sender = Feed([NOBODY], "")
    sender.send("purchase", "anna", b"{}")
    monkeypatch.setattr(sender, "greet", lambda: None)
    monkeypatch.setattr(ingest, "Feed", lambda *_: sender)
    started = time.monotonic()
    with pytest.raises(NotAcknowledgedError):
        ingest.load_command(rate=1, seconds=None, customers=10, seed=1)
    assert time.monotonic() - started < PATIENT_SECONDS / 2
    assert capsys.readouterr().out.startswith("0 events sent")
