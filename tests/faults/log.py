"""Reads topics as any consumer of committed records would, each record once, from the beginning."""

import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

WAIT_SECONDS = 30.0
LOOK_SECONDS = 0.05
BATCH = 2_000


class Log:
    """One topic's log; every `read` goes on where the last one ended."""

    def __init__(self, brokers: str, topic: str) -> None:
        self.topic = topic
        self.positions: dict[int, int] = {}
        self._settings = {
            "bootstrap.servers": brokers,
            "group.id": "faults-log",  # the client wants one; nothing is committed
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "log_level": 2,
        }

    def read(self) -> Iterator[Any]:
        """Yield the messages up to the ends of the partitions as they are met.

        Raises:
            KafkaException: the broker is away.
        """
        consumer: Any = Consumer(self._settings)
        try:
            described = consumer.list_topics(self.topic, timeout=WAIT_SECONDS).topics[self.topic]
            if described.error is not None:
                raise KafkaException(described.error)
            reading = set(described.partitions)
            consumer.assign(
                [TopicPartition(self.topic, n, self.positions.get(n, 0)) for n in reading]
            )
            heard = time.monotonic()
            while reading:
                for message in consumer.consume(BATCH, LOOK_SECONDS):
                    heard = time.monotonic()
                    yield from self._take(message, reading)
                if time.monotonic() - heard > WAIT_SECONDS:
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        finally:
            consumer.close()

    def _take(self, message: Any, reading: set[int]) -> Iterator[Any]:
        error = message.error()
        if error is None:
            self.positions[message.partition()] = message.offset() + 1
            yield message
        elif error.code() == KafkaError._PARTITION_EOF:
            self.positions[message.partition()] = message.offset()
            reading.discard(message.partition())
        else:
            raise KafkaException(error)
