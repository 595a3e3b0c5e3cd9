"""Dead letters of an embedded run, read as they come: the broker keeps only its last 5 MiB."""

import threading
from collections import Counter
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from schemas.topics import DEAD
from streams.dead import DeadLetter, read_dead_letter
from streams.embedded.broker import PARTITIONS

BATCH = 2_000
WAIT_SECONDS = 0.1
SAMPLES = 20


class DeadLetters:
    """Counts every letter once, by reason, in a thread of its own."""

    def __init__(self, brokers: str) -> None:
        self.read = 0  # positions read, repeated letters and all
        self.missed = 0  # positions that the broker dropped before they were read
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.samples: list[DeadLetter] = []
        self._seen: dict[tuple[str, str, int], int] = {}
        self._brokers = brokers
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="dead-letters", daemon=True)

    @property
    def count(self) -> int:
        """Rejected events, each counted once."""
        return self.reasons.total()

    def __enter__(self) -> "DeadLetters":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        consumer: Any = Consumer(
            {"bootstrap.servers": self._brokers, "group.id": "portrait-letters", "log_level": 2}
        )
        consumer.assign([TopicPartition(DEAD, number, 0) for number in range(PARTITIONS)])
        positions = [0] * PARTITIONS
        while not self._stop.is_set():
            for message in consumer.consume(BATCH, WAIT_SECONDS):
                if message.error() is None:
                    number = message.partition()
                    self.missed += message.offset() - positions[number]
                    positions[number] = message.offset() + 1
                    self._take(message)
            self.read = sum(positions)
        consumer.close()

    def _take(self, message: Any) -> None:
        letter = read_dead_letter(message.key(), message.value(), message.headers())
        source = (letter.topic, letter.epoch, letter.partition)
        if letter.offset <= self._seen.get(source, -1):
            return  # sent twice around a crash
        self._seen[source] = letter.offset
        self.reasons[letter.error_type, letter.field] += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(letter)
