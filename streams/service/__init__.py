"""A process that serves until it is stopped: health, a watchdog, an end within bounds."""

from confluent_kafka.admin import AdminClient

EXIT_STUCK = 5
RECONNECT_MS = 1000
"""librdkafka's own 10 s would keep an outage open long after its end."""


METADATA_AGE_MS = 5000
"""librdkafka's own 15 min would go on asking a broker that has led a partition before."""


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
