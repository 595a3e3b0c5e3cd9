"""What a real Kafka refuses for good ends a feed at once, with its reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streams.feed import Feed
from streams.outbox import NotAcknowledgedError
from streams.stack import KafkaCluster
from tests.stack.conftest import create

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
        feed.greet()
        with pytest.raises(NotAcknowledgedError, match="Message size too large"):
            sent(feed)
            feed.flush()
        assert feed.acknowledged == 0
