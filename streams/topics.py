"""The topics: which ones a process needs, whether they are there, and how they are created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.errors import PortraitError
from schemas.topics import DEAD, EXAMPLES, KINDS, MODELS, event_topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from confluent_kafka import Producer

REQUEST_SECONDS = 30.0
ANSWER_SECONDS = 5.0
"""How long Kafka may take to answer at all before it is called away."""

TEN_YEARS_MS = 315_360_000_000
# profiles are a function of the log: what is no longer in it cannot be replayed
LASTING = {"retention.ms": str(TEN_YEARS_MS)}
# whoever starts reads all of it, and a segment is compacted only once it is full
NEWEST_OF_EACH_KEY = {"cleanup.policy": "compact", "segment.bytes": str(64 << 20)}


class TopicError(PortraitError):
    """Kafka refused to create a topic, or could not be asked."""


class MissingTopicsError(PortraitError):
    """Kafka does not have them; evidence: `topics`, `expected`."""


def topics_of_worker(prefix: str, *, learning: bool) -> list[str]:
    """Return what a worker reads and writes."""
    asked = [EXAMPLES, MODELS] if learning else []
    return [*(event_topic(kind, prefix) for kind in KINDS), *(prefix + n for n in (DEAD, *asked))]


def topics_of_learner(prefix: str) -> list[str]:
    """Return what a learner reads and writes."""
    return [prefix + EXAMPLES, prefix + MODELS]


def require(client: Producer, topics: Iterable[str], seconds: float) -> None:
    """Ask for each topic; a Kafka that makes topics by itself makes it now.

    Raises:
        MissingTopicsError: some are not there.
        KafkaException: Kafka does not answer in time.
    """
    missing = [topic for topic in topics if not _is_there(client, topic, seconds)]
    if missing:
        raise MissingTopicsError(
            "there are no such topics",
            topics=missing,
            expected="those of `portrait topics create`, with PORTRAIT_TOPIC_PREFIX before",
        )


def _is_there(client: Producer, topic: str, seconds: float) -> bool:
    error = client.list_topics(topic, timeout=seconds).topics[topic].error
    return error is None or error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART


def create_missing(
    brokers: str, prefix: str = "", partitions: int = 12, replicas: int | None = None
) -> list[str]:
    """Create the topics that are missing, leave the others as they are; return what was created.

    `partitions` is for the topics of events: a customer's partition follows from it, so choose it
    for ever. The others have one, which keeps their order. `replicas` is by default the brokers'.

    Raises:
        TopicError: Kafka refused one, or is away.
    """
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 2})
    try:
        admin.list_topics(timeout=ANSWER_SECONDS)
    except KafkaException as error:
        raise TopicError(
            "no answer from PORTRAIT_KAFKA", kafka=brokers, error=error.args[0].str()
        ) from error
    asked = admin.create_topics(
        list(_wanted(prefix, partitions, replicas)), request_timeout=REQUEST_SECONDS
    )
    created = []
    for topic, answer in asked.items():
        try:
            answer.result()
            created.append(topic)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicError(error.args[0].str(), topic=topic, kafka=brokers) from error
    return created


def _wanted(prefix: str, partitions: int, replicas: int | None) -> Iterator[NewTopic]:
    default = -1  # Kafka's word for the brokers' setting
    for kind in KINDS:
        topic = event_topic(kind, prefix)
        yield NewTopic(topic, partitions, replicas or default, config=LASTING)
    for name, config in [(DEAD, LASTING), (EXAMPLES, LASTING), (MODELS, NEWEST_OF_EACH_KEY)]:
        yield NewTopic(prefix + name, 1, replicas or default, config=config)
