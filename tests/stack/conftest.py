"""Kafka's libraries, without which these tests are skipped, and records to write and read back."""

from pathlib import Path

import confluent_kafka
import pytest
from confluent_kafka.cimpl import NewTopic

from streams.stack import ArtifactsError, MissingToolError
from streams.stack.jars import java, kafka_libraries
from streams.stack.kafka import admin
from tests.conftest import cannot_be_had

WAIT_SECONDS = 120  # a bound, not an expectation


@pytest.fixture(scope="session")
def libraries() -> Path:
    """Kafka's libraries are here, and so is Java."""
    try:
        java()
        return kafka_libraries()
    except (MissingToolError, ArtifactsError) as error:
        cannot_be_had(error)


def create(bootstrap: str, topic: str, config: dict[str, str] | None = None) -> None:
    client = admin(bootstrap)  # as long as it is waited for
    client.create_topics([NewTopic(topic, 1, config=config or {})])[topic].result(WAIT_SECONDS)


def write(bootstrap: str, topic: str, *values: bytes) -> None:
    """Return when all in-sync replicas have them."""
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0}
    )
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(WAIT_SECONDS) == 0


def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    """The first `count` values of a topic."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "any", "log_level": 0}
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    messages = consumer.consume(count, WAIT_SECONDS)
    consumer.close()
    return [message.value() for message in messages]
