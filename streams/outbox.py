"""Messages that leave a batch: sent in order, and acknowledged before anything is stored."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from schemas.errors import PortraitError

OnDelivery = Callable[[KafkaError | None, Any], None]
Headers = list[tuple[str, bytes | None]]

DELIVERY_SECONDS = 30.0
"""How long Kafka may take to acknowledge a batch's messages before they are sent again."""

FLUSH_SECONDS = 0.5


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
        self._producer: Any = Producer(producer_settings(brokers))

    async def send(self, messages: Iterable[Message]) -> None:
        """Send in this order and wait for all acknowledgements.

        Raises:
            NotAcknowledgedError: some are missing; sending all again is safe, receivers skip
                what they have.
        """
        failed: list[KafkaError] = []  # of these messages: others send at the same time

        def on_delivery(error: KafkaError | None, _message: Any) -> None:
            if error is not None:
                failed.append(error)

        for message in messages:
            await self._produce(message, on_delivery)
        left = await self._flush()
        if left or failed:
            raise NotAcknowledgedError(
                "messages were not acknowledged", waiting=left, errors=failed[:3]
            )

    async def _flush(self) -> int:
        """Wait for acknowledgements, in pieces: a thread cannot be cancelled, a piece is short."""
        for _ in range(int(DELIVERY_SECONDS / FLUSH_SECONDS)):
            if not await asyncio.to_thread(self._producer.flush, FLUSH_SECONDS):
                return 0
        return len(self._producer)

    def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic."""
        described = self._producer.list_topics(topic, timeout=DELIVERY_SECONDS).topics[topic]
        if described.error is not None:
            raise KafkaException(described.error)
        return len(described.partitions)

    async def _produce(self, message: Message, on_delivery: OnDelivery) -> None:
        where = {} if message.partition is None else {"partition": message.partition}
        while True:
            try:
                self._producer.produce(
                    message.topic,
                    message.value,
                    message.key,
                    headers=message.headers,
                    on_delivery=on_delivery,
                    **where,
                )
                return
            except BufferError:  # the local queue is full: let acknowledgements come in
                await asyncio.to_thread(self._producer.poll, 0.1)


def producer_settings(brokers: list[str]) -> dict[str, Any]:
    """Return librdkafka's settings for a producer that neither loses nor reorders."""
    return {
        "bootstrap.servers": ",".join(brokers),
        "enable.idempotence": True,
        "partitioner": "murmur2_random",
        "linger.ms": 5,
        "queue.buffering.max.messages": 100_000,
        "message.timeout.ms": int(DELIVERY_SECONDS * 1000),
        "log_level": 2,
    }
