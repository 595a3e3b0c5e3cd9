"""Sends the traffic at a steady rate, from a thread of its own, and can be paused."""

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from confluent_kafka import KafkaError, Producer

from schemas.topics import event_topic
from tests.faults.traffic import Sent, Traffic

TICK_SECONDS = 0.02
PATIENCE_MS = 600_000
"""Servers may be away for long: records wait in the producer, none is given up."""


class Sender:
    """Use as a context; it sends nothing until `flow`."""

    def __init__(self, brokers: str, prefix: str, traffic: Traffic, rate: float) -> None:
        self.traffic = traffic
        self.sent = 0
        self._prefix = prefix
        self._rate = rate
        self._failed: list[KafkaError] = []
        self._producer: Any = Producer(producer_settings(brokers))
        self._flows, self._ends = threading.Event(), threading.Event()
        self._lock = threading.Lock()  # held while records are being handed over
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ends.set()
        self._flows.set()
        self._thread.join()

    def flow(self) -> None:
        """Send from now on."""
        self._flows.set()

    def pause(self) -> None:
        """Send no more, and wait until all is acknowledged."""
        self._flows.clear()
        with self._lock:
            left = self._producer.flush(PATIENCE_MS / 1000)
        assert not left and not self._failed, (left, self._failed[:3])

    def burst(self, count: int, alter: Callable[[Sent], Sent] = lambda sent: sent) -> None:
        """Send so many records at once, while the flow is paused."""
        for sent in itertools.islice(self.traffic, count):
            self._produce(alter(sent))
        self.pause()

    def _run(self) -> None:
        began, owed = time.monotonic(), 0.0
        while not self._ends.is_set():
            if not self._flows.is_set():
                self._flows.wait()
                began, owed = time.monotonic(), 0.0
            owed += self._rate * (time.monotonic() - began)
            began = time.monotonic()
            with self._lock:
                while owed >= 1 and self._flows.is_set():
                    self._produce(next(self.traffic))
                    owed -= 1
            self._producer.poll(0)
            time.sleep(TICK_SECONDS)

    def _produce(self, sent: Sent) -> None:
        while True:
            try:
                self._producer.produce(
                    event_topic(sent.kind, self._prefix),
                    sent.value,
                    sent.key,
                    sent.partition,
                    timestamp=sent.timestamp,
                    headers=sent.headers,
                    on_delivery=self._on_delivery,
                )
                self.sent += 1
                return
            except BufferError:
                self._producer.poll(0.1)

    def _on_delivery(self, error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            self._failed.append(error)


def producer_settings(brokers: str) -> dict[str, Any]:
    """Return the settings of a producer that neither loses, repeats nor reorders."""
    return {
        "bootstrap.servers": brokers,
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "linger.ms": 10,
        "message.timeout.ms": PATIENCE_MS,
        "topic.metadata.refresh.interval.ms": 3_000,  # new partitions are soon sent to
        "queue.buffering.max.messages": 1_000_000,
        "log_level": 2,
    }
