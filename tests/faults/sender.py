"""Sends the traffic at a steady rate, from a thread of its own, and can be paused."""

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import structlog
from confluent_kafka import KafkaError, Producer

from schemas.topics import event_topic
from tests.faults.traffic import Sent, Traffic

log = structlog.get_logger()

TICK_SECONDS = 0.02
PATIENCE_MS = 600_000
"""Servers may be away for long: records wait in the producer, none is given up."""

STUCK_SECONDS = 90.0
"""Longer than any fault: a producer that has been told nothing for so long will not be told more.

Seen once in 2.5 million records, after a frozen broker: another takes over, and what waited in the
first one was never sent.
"""

PURGED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}


class Sender:
    """Use as a context; it sends nothing until `flow`."""

    def __init__(self, brokers: str, prefix: str, traffic: Traffic, rate: float) -> None:
        self.traffic = traffic
        self.sent = 0
        self._prefix = prefix
        self._rate = rate
        self._failed: list[KafkaError] = []
        self._brokers = brokers
        self._producer: Any = Producer(producer_settings(brokers))
        self._heard = time.monotonic()  # of a record, from the producer
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
            self._replace_if_stuck()
            time.sleep(TICK_SECONDS)

    def _replace_if_stuck(self) -> None:
        now = time.monotonic()
        if not len(self._producer):
            self._heard = now
        elif now - self._heard > STUCK_SECONDS:
            with self._lock:
                log.warning("the sender is stuck, another takes over", unsent=len(self._producer))
                self._producer.purge()
                self._producer.poll(1)
                self._producer, self._heard = Producer(producer_settings(self._brokers)), now

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
        self._heard = time.monotonic()
        if error is not None and error.code() not in PURGED:
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
