"""What a real Kafka refuses or lacks ends a feed soon, with the reason."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from streams import feed as feeds
from streams.feed import Feed
from streams.outbox import NotAcknowledgedError
from streams.stack import KafkaCluster
from streams.topics import MissingTopicsError, create_missing
from tests.stack.conftest import create

WAIT_SECONDS = 60  # a bound, not an expectation
MOST_EVENTS = 1_000_000  # a bound, not an expectation

pytestmark = pytest.mark.usefixtures("libraries")


def until_refused(feed: Feed) -> None:
    for _ in range(MOST_EVENTS):
        feed.send("purchase", "anna", b"more than ten bytes")


@pytest.mark.parametrize(
    "sent", [until_refused, lambda feed: feed.send("purchase", "anna", b"x" * 99)]
)
def test_a_topic_that_takes_no_event_is_an_error_of_ours_that_says_so(
    tmp_path: Path, sent: Callable[[Feed], None]
) -> None:
    with KafkaCluster(tmp_path, quick_start=True) as kafka:
        create(kafka.bootstrap, "events.purchase", {"max.message.bytes": "10"})
        feed = Feed([kafka.bootstrap], "")
        feed.greet(["purchase"])
        with pytest.raises(NotAcknowledgedError, match="Message size too large"):
            sent(feed)
            feed.flush()
        assert feed.acknowledged == 0


def test_topics_that_there_are_not_are_named_before_the_first_event(
    kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "GREETING_SECONDS", 1.0)
    create(kafka, f"{topic_prefix}events.browse", {})
    feed = Feed([kafka], topic_prefix)
    feed.greet(["browse"])
    with pytest.raises(MissingTopicsError, match="no such topics") as caught:
        feed.greet(["browse", "purchase"])
    assert caught.value.topics == [f"{topic_prefix}events.purchase"]


def test_topics_that_a_broker_has_a_moment_later_are_waited_for(
    kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "GREETING_SECONDS", float(WAIT_SECONDS))
    later = threading.Timer(0.5, create_missing, (kafka, topic_prefix, 1))
    later.start()
    Feed([kafka], topic_prefix).greet()
    later.join()
