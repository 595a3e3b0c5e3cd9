"""Messages that leave a batch: sent in order, and acknowledged before anything is stored."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from schemas.errors import PortraitError

OnDelivery = Callable[[KafkaError | None, Any], None]
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


class Outbox:
    """An idempotent producer that answers when everything has been acknowledged."""

    def __init__(self, brokers: list[str]) -> None:
        self._brokers = brokers
        self._producer = _producer(brokers)

    async def send(self, messages: Iterable[Message]) -> None:
        """Send in this order and wait for all acknowledgements.

        Receivers skip what they have by the highest id that they saw, so nothing may arrive behind
        a message that did not: what waits too long is given up whole, by all who wait.

        Raises:
            NotAcknowledgedError: some are missing; sending all again is safe.
            KafkaException: the same, and Kafka refuses them as they are.
        """
        producer = self._producer
        try:
            await _send(producer, messages)
        except (NotAcknowledgedError, KafkaException):
            self._give_up(producer)
            raise

    def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic."""
        described = self._producer.list_topics(topic, timeout=DELIVERY_SECONDS).topics[topic]
        if described.error is not None:
            raise KafkaException(described.error)
        return len(described.partitions)

    def _give_up(self, producer: Any) -> None:
        """Leave a producer and what is queued in it, and tell all who wait.

        What is under way may still arrive, in its order. What is sent next goes through a new
        producer: a purge also takes, some moments later, what was queued behind it.
        """
        producer.purge(in_flight=False)
        with contextlib.suppress(KafkaException):  # a fatal error is said once, before all others
            producer.poll(0)
        producer.poll(0)
        if producer is self._producer:
            self._producer = _producer(self._brokers)


async def _send(producer: Any, messages: Iterable[Message]) -> None:
    failed: list[KafkaError] = []  # of these messages: others send at the same time

    def on_delivery(error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            failed.append(error)

    for message in messages:
        while not (failed or _queue(producer, message, on_delivery)):
            await asyncio.to_thread(producer.poll, PIECE_SECONDS)
        if failed:
            break
    clock = asyncio.get_running_loop().time
    end = clock() + DELIVERY_SECONDS
    while len(producer) and not failed and clock() < end:
        await asyncio.to_thread(producer.poll, PIECE_SECONDS)
    left = len(producer)
    if left or failed:
        raise NotAcknowledgedError(
            "messages were not acknowledged", waiting=left, errors=failed[:3]
        )


def _producer(brokers: list[str]) -> Any:
    return Producer(producer_settings(brokers), logger=logging.getLogger("librdkafka"))


def _queue(producer: Any, message: Message, on_delivery: OnDelivery) -> bool:
    """Queue a message; False where the queue is full until acknowledgements come in."""
    where = {} if message.partition is None else {"partition": message.partition}
    try:
        producer.produce(
            message.topic,
            message.value,
            message.key,
            headers=message.headers,
            on_delivery=on_delivery,
            **where,
        )
    except BufferError:
        return False
    return True


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
