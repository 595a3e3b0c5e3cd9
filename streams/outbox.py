"""Messages that leave a batch: sent in order, and acknowledged before anything is stored."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from schemas.errors import PortraitError

Headers = list[tuple[str, bytes | None]]

DELIVERY_SECONDS = 30.0
"""How long Kafka may take to acknowledge a batch's messages before all are sent again."""

PIECE_SECONDS = 0.5
"""How long to wait at a time: a thread cannot be cancelled, a piece is short."""


class NotAcknowledgedError(PortraitError):
    """Kafka did not acknowledge some messages: the batch must not be stored yet."""


class Message(NamedTuple):
    """One message; without a partition, the key decides (murmur2, as Kafka's own clients do)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers | None = None
    partition: int | None = None


class Delivery:
    """What has become of one caller's messages; others send at the same time."""

    def __init__(self) -> None:
        self.queued = 0
        self._answered = 0  # counted in another thread: one number each
        self.failed: list[KafkaError] = []

    @property
    def waiting(self) -> int:
        """How many Kafka has said nothing of."""
        return self.queued - self._answered

    @property
    def open(self) -> bool:
        """Whether there is something to wait for, and none has failed."""
        return self.waiting > 0 and not self.failed

    def __call__(self, error: KafkaError | None, _message: Any) -> None:
        """Note that Kafka has acknowledged a message, or refused it."""
        self._answered += 1
        if error is not None:
            self.failed.append(error)


class Line:
    """A producer and who sends by it; one that was given up ends with the last of them.

    Frames of errors outlive what raised them, so they know the line and never its producer: it
    would go on trying, with threads of its own.
    """

    def __init__(self, brokers: list[str]) -> None:
        self.producer: Any = Producer(
            producer_settings(brokers), logger=logging.getLogger("librdkafka")
        )
        self.users = 0
        self.given_up = False

    def queue(self, message: Message, delivery: Delivery) -> bool:
        """Queue a message; False where the queue is full until acknowledgements come in."""
        where = {} if message.partition is None else {"partition": message.partition}
        try:
            self.producer.produce(
                message.topic,
                message.value,
                message.key,
                headers=message.headers,
                on_delivery=delivery,
                **where,
            )
        except BufferError:
            return False
        delivery.queued += 1
        return True

    def poll(self, seconds: float) -> None:
        """Take acknowledgements, and wait so long for the first."""
        self.producer.poll(seconds)

    def partitions(self, topic: str) -> int:
        """Ask Kafka for the number of partitions of a topic."""
        described = self.producer.list_topics(topic, timeout=DELIVERY_SECONDS).topics[topic]
        if described.error is not None:
            raise KafkaException(described.error)
        return len(described.partitions)

    def give_up(self) -> None:
        """Leave what is queued; all who wait for it hear of that, at once or as they wait on."""
        self.given_up = True
        self.producer.purge(in_flight=False, blocking=False)  # this is on the event loop
        with contextlib.suppress(KafkaException):  # a fatal error is said once, before all others
            self.producer.poll(0)
        self.producer.poll(0)

    def leave(self) -> None:
        """Note that one user has gone; it takes librdkafka a moment to end, aside."""
        self.users -= 1
        if self.given_up and not self.users:
            last, self.producer = [self.producer], None
            threading.Thread(target=last.clear, daemon=True).start()


class Outbox:
    """An idempotent producer that answers when everything has been acknowledged."""

    def __init__(self, brokers: list[str]) -> None:
        self._brokers = brokers
        self._line = Line(brokers)
        self._polling = asyncio.Lock()

    async def send(self, messages: Iterable[Message]) -> None:
        """Send in this order and wait for all acknowledgements.

        Receivers skip what they have by the highest id that they saw, so nothing may arrive behind
        a message that did not: what waits too long is given up whole, by all who wait.

        Raises:
            NotAcknowledgedError: some are missing; sending all again is safe.
            KafkaException: the same, and Kafka refuses them as they are.
        """
        line = self._line
        line.users += 1
        try:
            await self._send(line, messages)
        except (NotAcknowledgedError, KafkaException):
            self._give_up(line)
            raise
        finally:
            line.leave()

    async def _send(self, line: Line, messages: Iterable[Message]) -> None:
        delivery = Delivery()
        for message in messages:
            while not (delivery.failed or line.queue(message, delivery)):
                await self._poll(line, lambda: True)
            if delivery.failed:
                break
        clock = asyncio.get_running_loop().time
        end = clock() + DELIVERY_SECONDS
        while delivery.open and clock() < end:
            await self._poll(line, lambda: delivery.open)
        if delivery.waiting or delivery.failed:
            raise NotAcknowledgedError(
                "messages were not acknowledged",
                waiting=delivery.waiting,
                errors=delivery.failed[:3],
            )

    async def _poll(self, line: Line, wanted: Callable[[], bool]) -> None:
        """Take acknowledgements, whosoever they are, unless they have come meanwhile.

        One at a time: who polls after another has taken what there was waits for nothing.
        """
        async with self._polling:
            if wanted():
                await asyncio.to_thread(line.poll, PIECE_SECONDS)

    async def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic."""
        line = self._line
        line.users += 1  # somebody else may give it up meanwhile
        try:
            return await asyncio.to_thread(line.partitions, topic)
        finally:
            line.leave()

    def _give_up(self, line: Line) -> None:
        """Leave a line and what is queued in it.

        What is under way may still arrive, in its order. What is sent next goes through a new
        producer: a purge also takes, some moments later, what was queued behind it.
        """
        line.give_up()
        if line is self._line:
            self._line = Line(self._brokers)


def producer_settings(brokers: list[str]) -> dict[str, Any]:
    """Return librdkafka's settings for a producer that neither loses nor reorders."""
    return {
        "bootstrap.servers": ",".join(brokers),
        "enable.idempotence": True,
        "enable.gapless.guarantee": True,  # a batch that fails stops those behind it
        "partitioner": "murmur2_random",
        "linger.ms": 1,
        "queue.buffering.max.messages": 100_000,
        "message.timeout.ms": 0,  # never one by one: the next in line might still arrive
        "log_level": 2,
    }
