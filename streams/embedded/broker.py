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

import ctypes
import secrets
from typing import Self

from confluent_kafka import cimpl

from streams.embedded.errors import EmbeddedServerError

PARTITIONS = 4
PARTITION_BYTES = 5 * 1024 * 1024
SETTINGS = {"test.mock.num.brokers": "1", "log_level": "3"}  # syslog levels: errors only
ERROR_BYTES = 512
PRODUCER, CONF_OK = 0, 0  # rd_kafka_type_t, rd_kafka_conf_res_t
# a single member has nobody to wait for; the default holds the first join back for 3 s
GROUP_INITIAL_REBALANCE_DELAY_MS = 0


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
        self._library = _librdkafka()
        # the cluster lives in, and as long as, the client that it is made for
        self._host: int | None = self._new_host()
        cluster = self._library.rd_kafka_handle_mock_cluster(self._host)
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(
            cluster, GROUP_INITIAL_REBALANCE_DELAY_MS
        )
        self.bootstrap: str = self._library.rd_kafka_mock_cluster_bootstraps(cluster).decode()

    def _new_host(self) -> int:
        error = ctypes.create_string_buffer(ERROR_BYTES)
        conf = self._library.rd_kafka_conf_new()
        for name, value in SETTINGS.items():
            done = self._library.rd_kafka_conf_set(
                conf, name.encode(), value.encode(), error, ERROR_BYTES
            )
            if done != CONF_OK:
                raise EmbeddedServerError("broker", "setting refused", error.value.decode())
        host: int | None = self._library.rd_kafka_new(PRODUCER, conf, error, ERROR_BYTES)
        if host is None:
            raise EmbeddedServerError("broker", "did not start", error.value.decode())
        return host

    def close(self) -> None:
        """Stop the broker; its topics are gone."""
        host, self._host = self._host, None
        if host is not None:
            self._library.rd_kafka_destroy(host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _librdkafka() -> ctypes.CDLL:
    """The library that the Python client brings and has loaded, with the signatures used here.

    It is reached in C because the Python client can start the mock cluster, but not set it up.
    """
    library = ctypes.CDLL(cimpl.__file__)  # symbols of what it links are found through it
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    signatures = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (ctypes.c_int, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [ctypes.c_int, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_handle_mock_cluster": (pointer, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
