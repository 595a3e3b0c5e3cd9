"""A process whose topics are missing waits for them, says which, and is not ready meanwhile."""

from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError

from streams.patience import SERVER_ERRORS, server_of
from streams.topics import MissingTopicsError, require, topics_of_learner, topics_of_worker

UNKNOWN = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)


class Broker:
    """Knows some topics."""

    def __init__(self, *known: str) -> None:
        self._known = known

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        error = None if topic in self._known else UNKNOWN
        return SimpleNamespace(topics={topic: SimpleNamespace(error=error)})


def test_topics_that_are_missing_are_named_with_what_makes_them() -> None:
    with pytest.raises(MissingTopicsError, match="portrait topics create") as caught:
        require(Broker("a"), ["a", "b", "c"], 1.0)  # type: ignore[arg-type]  # asked one thing only
    assert caught.value.topics == ["b", "c"]


def test_topics_that_are_there_are_no_matter() -> None:
    require(Broker("a", "b"), ["a", "b"], 1.0)  # type: ignore[arg-type]  # asked one thing only


def test_missing_topics_are_waited_for_under_their_own_name() -> None:
    error = MissingTopicsError("there are no such topics")
    assert isinstance(error, SERVER_ERRORS)
    assert server_of(error) == "topics"


def test_each_process_needs_what_it_reads_and_writes() -> None:
    assert topics_of_learner("x.") == ["x.learning.examples", "x.learning.models"]
    without = topics_of_worker("x.", learning=False)
    assert "x.events.purchase" in without
    assert "x.events.dead" in without
    assert topics_of_worker("x.", learning=True) == [*without, *topics_of_learner("x.")]
