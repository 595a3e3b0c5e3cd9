"""Questions to Kafka about itself; a client that has failed to answer is not asked again."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

RECONNECT_MS = 1000
"""librdkafka's own 10 s would keep an outage open long after its end."""

METADATA_AGE_MS = 5000
"""librdkafka's own 15 min would go on asking a broker that has led a partition before."""

BOUND_SECONDS = 15.0
"""Longer than a question may take by its own timeout."""

T = TypeVar("T")


class Admin:
    """Asks through one client for as long as that answers, then through a new one.

    A client may stay in what an outage has left it in, and its futures may never be done: all who
    ask it would take the outage to last.
    """

    def __init__(self, brokers: list[str]) -> None:
        self._brokers = brokers
        self._client: AdminClient | None = None

    async def ask(self, question: Callable[[AdminClient], Awaitable[T]]) -> T:
        """Put a question, whose own timeout is below `BOUND_SECONDS`.

        Raises:
            KafkaException: the broker is away, refuses, or has not answered in time.
        """
        if self._client is None:  # an idle client has the length 0, so it counts as false
            self._client = admin_client(self._brokers)
        client = self._client
        try:
            async with asyncio.timeout(BOUND_SECONDS):
                return await question(client)
        except TimeoutError as error:
            self._leave(client)
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from error
        except KafkaException:
            self._leave(client)
            raise

    def _leave(self, client: AdminClient) -> None:
        if self._client is client:
            self._client = None
            # aside, since its end takes a moment, and once nobody can be waiting for it any more
            last = [client]
            ending = threading.Timer(2 * BOUND_SECONDS, last.clear)
            ending.daemon = True
            ending.start()


def admin_client(brokers: list[str]) -> AdminClient:
    """Return a client that asks Kafka about itself, in silence."""
    return AdminClient(
        {
            "bootstrap.servers": ",".join(brokers),
            "reconnect.backoff.max.ms": RECONNECT_MS,
            "topic.metadata.refresh.interval.ms": METADATA_AGE_MS,
            "metadata.max.age.ms": METADATA_AGE_MS,
            "log_level": 2,
        }
    )
