"""Send events to their topics: rows of a source through a mapping, or whatever yields events."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, Producer

from schemas.mapping import TableMapping
from schemas.topics import KINDS, Kind, event_topic
from streams.outbox import DELIVERY_SECONDS, NotAcknowledgedError, producer_settings
from streams.sources import open_source, source_name

LINGER_MS = 100
"""Events wait this long to travel together: the larger the sets, the less work for everyone."""


BY_KEY = -1
"""librdkafka's "unassigned": its partitioner decides."""


class Feed:
    """An idempotent producer of events; the customer is the key, so each has one partition.

    `place` is asked for the partition of each event (kind, key, size) before it is sent, and may
    wait; without it the key decides, as with any other producer.
    """

    def __init__(
        self,
        brokers: list[str],
        prefix: str,
        place: Callable[[Kind, bytes | None, int], int] | None = None,
        linger_ms: int = LINGER_MS,
    ) -> None:
        self.sent = 0
        self._producer: Any = Producer(
            producer_settings(brokers)
            | {
                "linger.ms": linger_ms,
                "batch.size": 1 << 20,
                "delivery.report.only.error": True,
                "on_delivery": self._on_failure,
            }
        )
        self._topics = {kind: event_topic(kind, prefix) for kind in KINDS}
        self._place = place
        self._failed: list[KafkaError] = []

    def send(self, kind: Kind, key: str | None, payload: bytes) -> None:
        """Send one event."""
        raw_key = None if key is None else key.encode()
        partition = BY_KEY if self._place is None else self._place(kind, raw_key, len(payload))
        while True:
            try:
                self._producer.produce(self._topics[kind], payload, raw_key, partition)
                break
            except BufferError:  # the local queue is full: let acknowledgements come in
                self._producer.poll(0.1)
        self.sent += 1
        if self.sent % 1000 == 0:
            self._producer.poll(0)

    def flush(self) -> None:
        """Wait until everything is acknowledged.

        Raises:
            NotAcknowledgedError: Kafka did not take all of it.
        """
        left = self._producer.flush(DELIVERY_SECONDS)
        if left or self._failed:
            raise NotAcknowledgedError("events were not acknowledged", waiting=left)

    def send_source(
        self, path: str, mapping: TableMapping, on_rows: Callable[[int], None]
    ) -> dict[str, Any]:
        """Send a whole source; `on_rows` is told the rows of each chunk.

        Returns the mapper's report: rows read, and what became of rows and fields on the way.
        """
        to_events = mapping.compile(source_name(path))
        for chunk in open_source(path, mapping.source):
            for event in to_events(chunk):
                self.send(event.kind, event.key, event.payload)
            on_rows(len(chunk.numbers) + len(chunk.broken))
        return to_events.report()

    def _on_failure(self, error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            self._failed.append(error)
