"""Two learners of one group: one learns, the other takes over, and nobody undoes anything."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState, Producer
from confluent_kafka.admin import AdminClient, MemberDescription

from profiles.keyspace import model_key
from profiles.learning.snapshot import version_of
from profiles.settings import Settings
from profiles.stores.client import connect_sync
from schemas.examples import PARTITION, Example, encode, records
from schemas.topics import EXAMPLES
from streams.learn.app import GROUP
from streams.learn.restore import Beginning, _published, restore_learner
from streams.learn.tasks import learner_of
from streams.topics import create_missing
from tests.learning.shop import examples
from tests.operations.process import Process, until

KEY = "k" * 32
SESSION_SECONDS = 6  # the least that Kafka takes
STREAM = examples(900)  # beyond the warm-up of churn and segments
THIRD = len(STREAM) // 3


class Pair:
    """Two learners, the examples that they read, and what they have published."""

    def __init__(self, kafka: str, prefix: str, redis_url: str, directory: Path) -> None:
        self._given = {
            "kafka": kafka,
            "redis_url": redis_url,
            "topic_prefix": prefix,
            "model_key": KEY,
            "session_timeout_seconds": str(SESSION_SECONDS),
            "snapshot_seconds": "1",
            "health_port": "0",
        }
        given: dict[str, Any] = self._given
        self.settings = Settings(**given)
        self._directory = directory
        self._redis: Any = connect_sync(redis_url)
        self._admin = AdminClient({"bootstrap.servers": kafka, "log_level": 0})
        self._producer = Producer({"bootstrap.servers": kafka, "log_level": 0})
        self._sent = 0

    def start(self, name: str) -> Process:
        """Start a learner."""
        return Process("learner", self._directory / name, self._given)

    def owner(self) -> str | None:
        """The member that has the examples; None while they are being moved."""
        owners = [each.member_id for each in self.members() if _has_examples(each)]
        return owners[0] if owners else None

    def members(self) -> Sequence[MemberDescription]:
        """The group's members; none while partitions are being moved."""
        name = self.settings.topic_prefix + GROUP
        group = self._admin.describe_consumer_groups([name])[name].result()
        return group.members if group.state == ConsumerGroupState.STABLE else ()

    def send(self, stream: Sequence[Example]) -> None:
        """Send examples, a record each."""
        topic = self.settings.topic_prefix + EXAMPLES
        for example in stream:
            (value,) = records([encode(example)])
            self._producer.produce(topic, value, partition=PARTITION)
        assert self._producer.flush(SESSION_SECONDS) == 0
        self._sent += len(stream)

    def all_published(self) -> bool:
        """Whether what was sent has been learnt and published: the cards come after the models."""
        return int(self._redis.hget(model_key("churn"), "position") or 0) == self._sent

    def published(self) -> Beginning:
        """What a third learner would go on with."""
        return restore_learner(self.settings, KEY.encode())

    def versions(self) -> list[int]:
        """How many examples each publication had taken, oldest first."""
        return [version_of(each.record, KEY.encode()) for each in _published(self.settings)]


def _has_examples(member: MemberDescription) -> bool:
    places = member.assignment.topic_partitions
    return any(place.topic.endswith(EXAMPLES) and place.partition == PARTITION for place in places)


@pytest.fixture
def pair(kafka: str, topic_prefix: str, redis_url: str, tmp_path: Path) -> Pair:
    create_missing(kafka, topic_prefix, 1)
    return Pair(kafka, topic_prefix, redis_url, tmp_path)


def test_examples_are_learnt_once_by_whomever(pair: Pair) -> None:
    """The owner is frozen until the other has taken over, wakes up, and outlives it."""
    with ExitStack() as learners:
        one = learners.enter_context(pair.start("one"))
        until(one.ready)
        first = pair.owner()
        two = learners.enter_context(pair.start("two"))
        until(lambda: len(pair.members()) == 2 and pair.owner() is not None)
        owner, other = (one, two) if pair.owner() == first else (two, one)
        pair.send(STREAM[:THIRD])
        until(pair.all_published)

        pair.send(STREAM[THIRD : THIRD + 50])  # some of it is learnt, and none published
        owner.process.send_signal(signal.SIGSTOP)
        pair.send(STREAM[THIRD + 50 : 2 * THIRD])
        until(pair.all_published)
        owner.process.send_signal(signal.SIGCONT)
        until(lambda: len(pair.members()) == 2 and pair.owner() is not None)

        other.kill()
        pair.send(STREAM[2 * THIRD :])
        until(pair.all_published)
        assert owner.end() == 0
    sequential = learner_of(pair.settings)
    sequential.learn(STREAM)
    assert pair.versions() == sorted(pair.versions())
    published = pair.published()
    assert published.next_position == len(STREAM)
    assert published.learner.parameters() == sequential.parameters()
