"""Send events to their topics: rows of a source through a mapping, or whatever yields events."""

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from schemas.errors import PortraitError
from schemas.mapping import MappingError, TableMapping
from schemas.topics import KINDS, Kind, event_topic
from streams.outbox import DELIVERY_SECONDS, NotAcknowledgedError, producer_settings
from streams.sources import SourceError, open_source, source_name
from streams.topics import ANSWER_SECONDS, MissingTopicsError, require

LINGER_MS = 100
"""Events wait this long to travel together: the larger the sets, the less work for everyone."""

GREETING_SECONDS = ANSWER_SECONDS
"""How long Kafka may take to answer at all, and as long again to know its topics."""

STOP_SECONDS = 3.0
"""How long it may be silent to a command that was asked to end."""

PIECE_SECONDS = 0.1
"""How long to wait for acknowledgements at a time, so that signals are heard meanwhile."""

BY_KEY = -1
"""librdkafka's "unassigned": its partitioner decides."""


class KafkaAwayError(PortraitError):
    """Kafka could not be asked for its topics; evidence: `kafka`, `error`."""


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
        self._brokers = ",".join(brokers)
        self._producer: Any = Producer(
            producer_settings(brokers)
            | {
                "linger.ms": linger_ms,
                "batch.size": 1 << 20,
                "delivery.report.only.error": True,
                "on_delivery": self._on_failure,
                "error_cb": self._on_error,
            }
        )
        self._topics = {kind: event_topic(kind, prefix) for kind in KINDS}
        self._place = place
        self._failed: list[KafkaError] = []
        self._refused_by: str | None = None  # the topic of the first that failed
        self._error: KafkaError | None = None
        self._silent = False

    @property
    def acknowledged(self) -> int:
        """How many events Kafka has for certain."""
        waiting = len(self._producer)  # and errors that nobody has heard of yet
        return max(self.sent - waiting - len(self._failed), 0)

    def greet(self, kinds: Iterable[Kind] = KINDS) -> None:
        """Ask Kafka for the topics of these kinds, so that what is missing is known at once.

        A broker that has only just started may not know its topics yet: it is asked again.

        Raises:
            KafkaAwayError: it does not answer.
            MissingTopicsError: it has not had some of them for `GREETING_SECONDS`.
        """
        topics = [self._topics[kind] for kind in kinds]
        deadline = time.monotonic() + GREETING_SECONDS
        while True:
            try:
                return self._look_for(topics)
            except MissingTopicsError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(PIECE_SECONDS)

    def _look_for(self, topics: list[str]) -> None:
        try:
            require(self._producer, topics, GREETING_SECONDS)
        except KafkaException as error:
            self._producer.poll(0)  # hears why
            cause = error.args[0] if self._error is None else self._error
            raise KafkaAwayError(
                "no answer from PORTRAIT_KAFKA", kafka=self._brokers, error=cause.str()
            ) from error

    def send(self, kind: Kind, key: str | None, payload: bytes) -> None:
        """Send one event.

        Raises:
            NotAcknowledgedError: Kafka acknowledges nothing any more, or refuses what is sent.
        """
        # a key that is no text is refused by validation, so any partition will do
        raw_key = None if key is None else key.encode(errors="replace")
        partition = BY_KEY if self._place is None else self._place(kind, raw_key, len(payload))
        while True:
            try:
                self._producer.produce(self._topics[kind], payload, raw_key, partition)
                break
            except BufferError:  # the local queue is full: let acknowledgements come in
                self._wait(max(len(self._producer) - 1, 0))
                if self._silent:
                    raise self._refusal() from None
            except KafkaException as error:
                raise self._refusal(error.args[0]) from error
        self.sent += 1
        if self.sent % 1000 == 0:
            with _said_again():
                self._producer.poll(0)

    def flush(self, seconds: float | None = None) -> None:
        """Wait until everything is acknowledged, unless Kafka is silent for so long.

        By default that is `DELIVERY_SECONDS`.

        Raises:
            NotAcknowledgedError: Kafka did not take all of it.
        """
        if self._wait(0, seconds) or self._failed:
            raise self._refusal()

    def send_source(
        self, path: str, mapping: TableMapping, on_rows: Callable[[int], None]
    ) -> dict[str, Any]:
        """Send a whole source; `on_rows` is told the rows of each chunk.

        Returns the mapper's report: rows read, and what became of rows and fields on the way. Where
        the source fails half way, what was read is sent first. `flush` waits for the rest.
        """
        to_events = mapping.compile(source_name(path))
        try:
            for chunk in open_source(path, mapping.source):
                on_rows(len(chunk.numbers) + len(chunk.broken))
                for event in to_events(chunk):
                    self.send(event.kind, event.key, event.payload)
        except (SourceError, MappingError):
            self._wait(0)
            raise
        return to_events.report()

    def _wait(self, most: int, seconds: float | None = None) -> int:
        """Wait until no more than `most` events wait, or Kafka is silent for so long.

        Returns how many wait.
        """
        longest = DELIVERY_SECONDS if seconds is None else seconds
        left = least = len(self._producer)
        heard = time.monotonic()
        while left > most and time.monotonic() - heard < longest:
            with _said_again():
                left = self._producer.flush(PIECE_SECONDS)
            if left < least:
                least, heard = left, time.monotonic()
        self._silent = left > most
        return left

    def _refusal(self, *raised: KafkaError) -> NotAcknowledgedError:
        heard = [] if self._error is None else [self._error]
        causes = [*self._failed, *raised, *heard]
        return NotAcknowledgedError(
            "events were not acknowledged by PORTRAIT_KAFKA",
            waiting=len(self._producer),
            kafka=self._brokers,
            topic=self._refused_by,
            error=causes[0].str() if causes else None,
        )

    def _on_failure(self, error: KafkaError | None, message: Any) -> None:
        if error is not None:
            self._failed.append(error)
            self._refused_by = self._refused_by or message.topic()

    def _on_error(self, error: KafkaError) -> None:
        # that all brokers are down is said after why the last of them is
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._error = error


def _said_again() -> contextlib.suppress:
    """Pass over a fatal error where it is said first: all events fail by it, and the next one."""
    return contextlib.suppress(KafkaException)
