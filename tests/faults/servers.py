"""The real servers of the suite: started once, emptied between sessions."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, Union

from profiles.stores.client import connect_sync
from streams.stack.cluster import RedisCluster
from streams.stack.kafka import KafkaCluster
from streams.stack.ports import PEER_OFFSET, free_port, kept_port
from streams.stack.redis import RedisNode
from tests.faults.watch import Watcher, look_at_cluster, look_at_one

AnyServers = Union["Servers", "WideServers"]
CLUSTER_SAMPLE_SECONDS = 0.5
CLEANER = {"log.cleaner.backoff.ms": "500", "log.cleaner.threads": "1"}
"""Compaction begins soon; else the suite would wait for it for a quarter of a minute."""


class Servers:
    """One broker and one Redis with an append-only file, for a `with` block.

    The broker listens on a second port too: who asks there is told to come by way of a proxy.
    """

    def __init__(self, directory: Path) -> None:
        self.kafka_proxy, self.behind_proxy = free_port(), free_port()
        own = kept_port(directory / "kafka-1" / "port")
        self.kafka = KafkaCluster(directory, settings=CLEANER | self._listeners(own))
        self.redis = RedisNode(directory / "redis")
        self._running = ExitStack()

    @property
    def redis_url(self) -> str:
        """Where workers find Redis."""
        return self.redis.url

    def redis_client(self) -> Any:
        """Return a client for bytes."""
        return connect_sync(self.redis_url)

    def watcher(self) -> Watcher:
        """Return a watcher of the marks."""
        return Watcher(look_at_one(self.redis_url))

    def empty(self) -> None:
        """Forget everything that has been stored."""
        self.redis.ask("FLUSHALL")

    def __enter__(self) -> Self:
        with ExitStack() as running:
            running.enter_context(self.redis)
            running.enter_context(self.kafka)
            self._running = running.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running.close()

    def _listeners(self, own: int) -> dict[str, str]:
        clients = f"CLIENTS://127.0.0.1:{own}"
        controller = f"CONTROLLER://127.0.0.1:{own + PEER_OFFSET}"
        names = "CLIENTS:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"
        return {
            "listeners": f"{clients},PROXIED://127.0.0.1:{self.behind_proxy},{controller}",
            "advertised.listeners": f"{clients},PROXIED://127.0.0.1:{self.kafka_proxy}",
            "listener.security.protocol.map": names,
        }


class WideServers:
    """Three brokers, and a Redis Cluster of three masters with a replica each."""

    def __init__(self, directory: Path) -> None:
        self.kafka = KafkaCluster(directory, brokers=3, settings=CLEANER)
        self.redis = RedisCluster(directory)
        self._running = ExitStack()

    @property
    def redis_url(self) -> str:
        """Where workers find Redis."""
        return self.redis.url

    def redis_client(self) -> Any:
        """Return a client for bytes."""
        return connect_sync(self.redis_url)

    def watcher(self) -> Watcher:
        """Return a watcher of the marks."""
        return Watcher(look_at_cluster(self.redis_url), CLUSTER_SAMPLE_SECONDS)

    def empty(self) -> None:
        """Forget everything that has been stored."""
        self.redis.flush()

    def __enter__(self) -> Self:
        with ExitStack() as running:
            running.enter_context(self.redis)
            running.enter_context(self.kafka)
            self._running = running.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running.close()


class Worlds:
    """Both sorts of servers, each started when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started: dict[bool, AnyServers] = {}
        self._running = ExitStack()

    def servers(self, *, wide: bool) -> AnyServers:
        """Return the servers that a fault wants."""
        if wide not in self._started:
            sort: Any
            sort, home = (WideServers, "wide") if wide else (Servers, "one")
            self._started[wide] = self._running.enter_context(sort(self._directory / home))
        return self._started[wide]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running.close()
