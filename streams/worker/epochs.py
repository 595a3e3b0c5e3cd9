"""The topics' epochs: which life of a topic an offset belongs to."""

import asyncio

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient

from profiles.sections.section import epoch_number
from streams.service.admin import Admin

REQUEST_SECONDS = 10.0


class TopicEpochs:
    """Kafka's topic ids as 64-bit numbers, or one given epoch for a broker that has no ids."""

    def __init__(self, brokers: list[str], fixed: str | None) -> None:
        self._fixed = fixed
        self._admin = Admin(brokers)

    async def of(self, topic: str) -> int:
        """Return the epoch of a topic as it is now.

        Raises:
            KafkaException: the broker is away, or has no such topic.
        """
        if self._fixed is not None:
            return epoch_number(self._fixed)

        async def topic_id(client: AdminClient) -> str:
            asked = client.describe_topics(
                TopicCollection([topic]), request_timeout=REQUEST_SECONDS
            )
            return str((await asyncio.wrap_future(asked[topic])).topic_id)

        return epoch_number(await self._admin.ask(topic_id))
