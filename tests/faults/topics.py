"""The topics of one session: made, measured, changed and unmade."""

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
    admin,
)

from profiles.sections.section import epoch_number
from schemas.topics import DEAD, EXAMPLES, KINDS, MODELS, event_topic
from tests.faults.log import Log

PARTITIONS = 4
WAIT_SECONDS = 30.0
POLL_SECONDS = 0.2
TRIES, TRY_SECONDS = 30, 5.0
CLEANER_SECONDS, COMPACTED_SECONDS = 3.0, 60.0
FOR_EVER = {"retention.ms": "-1"}  # the records' own times are years back
COMPACTED = {"cleanup.policy": "compact"}


class Topics:
    """Everything under one prefix; each method waits until the brokers have done it."""

    def __init__(self, brokers: str, prefix: str, replicas: int = 1) -> None:
        self.prefix = prefix
        self.events = {kind: event_topic(kind, prefix) for kind in KINDS}
        self.dead, self.examples, self.models = (prefix + n for n in (DEAD, EXAMPLES, MODELS))
        self._replicas = replicas
        self._brokers = brokers
        settings: dict[str, Any] = {"bootstrap.servers": brokers, "log_level": 2}
        self._admin: Any = admin.AdminClient(settings)
        self._consumer: Any = Consumer(settings | {"group.id": "faults-ends"})

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()

    def make_all(self) -> None:
        """Make every topic."""
        for topic in [*self.events.values(), self.dead]:
            self.make(topic)
        self.make(self.examples, partitions=1)
        self.make(self.models, partitions=1, settings=COMPACTED)

    def make(
        self, topic: str, partitions: int = PARTITIONS, settings: Mapping[str, str] = FOR_EVER
    ) -> None:
        """Make a topic, and wait until all brokers know it."""
        new = admin.NewTopic(topic, partitions, self._replicas, config=dict(settings))
        self._admin.create_topics([new])[topic].result(WAIT_SECONDS)
        self._wait(lambda: self.partitions(topic) == partitions)

    def delete(self, topic: str) -> None:
        """Delete a topic, and wait until it is gone."""
        self._admin.delete_topics([topic])[topic].result(WAIT_SECONDS)
        self._wait(lambda: self.partitions(topic) == 0)

    def grow(self, topic: str, partitions: int) -> None:
        """Give a topic more partitions."""
        grown = self._admin.create_partitions([admin.NewPartitions(topic, partitions)])
        grown[topic].result(WAIT_SECONDS)
        self._wait(lambda: self.partitions(topic) == partitions)

    def truncate(self, topic: str, beginnings: Mapping[int, int]) -> None:
        """Delete the records before these positions, by partition."""
        places = [TopicPartition(topic, n, position) for n, position in beginnings.items()]
        for future in self._admin.delete_records(places).values():
            future.result(WAIT_SECONDS)

    def configure(self, topic: str, **settings: str) -> None:
        """Change settings of a topic; `_` stands for `.`."""
        change = admin.AlterConfigOpType.SET
        entries = [
            admin.ConfigEntry(name.replace("_", "."), value, incremental_operation=change)
            for name, value in settings.items()
        ]
        kind = admin.ResourceType.TOPIC
        resource = admin.ConfigResource(kind, topic, incremental_configs=entries)
        self._admin.incremental_alter_configs([resource])[resource].result(WAIT_SECONDS)

    def partitions(self, topic: str) -> int:
        """Return the number of partitions, 0 where there is no such topic."""
        described = self._admin.list_topics(topic, timeout=WAIT_SECONDS).topics[topic]
        if described.error is None:
            return len(described.partitions)
        if described.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return 0
        raise KafkaException(described.error)

    def epoch(self, topic: str) -> int:
        """Return the number that stands for the topic's id in headers and marks."""
        described = self._admin.describe_topics(TopicCollection([topic]))[topic]
        return epoch_number(str(described.result(WAIT_SECONDS).topic_id))

    def ends(self) -> dict[str, int]:
        """Return the end of each event partition's log, by `<kind>/<partition>`."""
        return {
            f"{kind}/{number}": self.bounds(topic, number)[1]
            for kind, topic in self.events.items()
            for number in range(self.partitions(topic))
        }

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """Return beginning and end of a partition's log."""
        place = TopicPartition(topic, partition)
        for _ in range(TRIES):
            with contextlib.suppress(KafkaException):  # its leader is down, none elected yet
                beginning, end = self._consumer.get_watermark_offsets(place, timeout=TRY_SECONDS)
                return int(beginning), int(end)
            with contextlib.suppress(KafkaException):  # or the client does not know it yet
                self._consumer.list_topics(topic, timeout=TRY_SECONDS)
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"no bounds of {topic}/{partition}")

    def until_compacted(self, topic: str) -> int:
        """Wait until a topic's log has holes and gets no more; return how many records are gone."""
        gone, before = -1, 0
        deadline = time.monotonic() + COMPACTED_SECONDS
        while gone != before or not gone:
            if time.monotonic() > deadline:
                raise TimeoutError("nothing was compacted")
            time.sleep(CLEANER_SECONDS)
            before, gone = gone, self._gone(topic)
        return gone

    def _gone(self, topic: str) -> int:
        log = Log(self._brokers, topic)
        left = sum(1 for _ in log.read())
        bounds = [self.bounds(topic, n) for n in range(self.partitions(topic))]
        return sum(end - beginning for beginning, end in bounds) - left

    def _wait(self, done: Any) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("the brokers have not done what they were asked")
            time.sleep(POLL_SECONDS)
