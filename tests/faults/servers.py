"""The real servers: started once, emptied between sessions."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from redis import Redis

from streams.stack.kafka import KafkaCluster
from streams.stack.ports import PEER_OFFSET, free_port, kept_port
from streams.stack.redis import RedisNode
from tests.faults.watch import Watcher

CLEANER = {"log.cleaner.backoff.ms": "500", "log.cleaner.threads": "1"}
"""Compaction begins soon; else the suite would wait for it for a quarter of a minute."""


class Servers:
    """One broker and one Redis with an append-only file, for a `with` block.

    The broker listens on a second port too: who asks there is told to come by way of a proxy, and
    so does Redis have a proxy that nobody need use.
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
        return Redis.from_url(self.redis.url)

    def watcher(self) -> Watcher:
        """Return a watcher of the marks."""
        return Watcher(self.redis.url)

    def empty(self) -> None:
        """Forget everything that an earlier session has stored."""
        with self.redis_client() as client:
            client.flushall()

    def __enter__(self) -> Self:
        with ExitStack() as running:
            running.enter_context(self.redis)
            running.enter_context(self.kafka)
            self._running = running.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running.close()

    def _listeners(self, own: int) -> dict[str, str]:
        listeners = f"CLIENTS://127.0.0.1:{own},"
        return {
            "listeners": f"{listeners}PROXIED://127.0.0.1:{self.behind_proxy},"
            f"CONTROLLER://127.0.0.1:{own + PEER_OFFSET}",
            "advertised.listeners": f"{listeners}PROXIED://127.0.0.1:{self.kafka_proxy}",
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,PROXIED:PLAINTEXT,"
            "CONTROLLER:PLAINTEXT",
        }
