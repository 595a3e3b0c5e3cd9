"""A Kafka broker inside this process: librdkafka's mock cluster, real protocol over TCP.

Its limits, which whoever feeds it must respect (measured with librdkafka 2.16, none can be set):

- memory only, gone with this process;
- a partition keeps its last 5 MiB as stored (after compression, with each batch's overhead), and
  at least one batch: some 24,000 records of 190 bytes uncompressed. What is older is dropped
  without a word, so a producer must not run further ahead of its readers than that;
- four partitions a topic, created on first use; no admin requests;
- one member per consumer group: a rebalance may hang.
"""

from __future__ import annotations

import secrets
from typing import Self

import confluent_kafka

from streams.embedded.errors import EmbeddedServerError

PARTITIONS = 4
PARTITION_BYTES = 5 * 1024 * 1024
START_WAIT_SECONDS = 10.0
LOG_NOTHING_BUT_ERRORS = 3  # syslog levels


class EmbeddedBroker:
    """A broker on a port of 127.0.0.1 that the system chose; `bootstrap` is its `host:port`.

    `epoch` is a random hex string made at its start. It stands for Kafka's topic ids: a broker
    with another epoch holds other logs.

    >>> with EmbeddedBroker() as broker:
    ...     broker.bootstrap.startswith("127.0.0.1:")
    True
    """

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        # the cluster lives in, and as long as, the client that asked for it
        self._host = confluent_kafka.Producer(
            {"test.mock.num.brokers": 1, "log_level": LOG_NOTHING_BUT_ERRORS}
        )
        self.bootstrap = self._address()

    def _address(self) -> str:
        try:
            brokers = self._host.list_topics(timeout=START_WAIT_SECONDS).brokers.values()
        except confluent_kafka.KafkaException as error:
            raise EmbeddedServerError("broker", "did not answer", str(error)) from error
        return ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def close(self) -> None:
        """Stop the broker; its topics are gone."""
        self._host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
