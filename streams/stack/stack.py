"""A Kafka and a Redis (or a Redis Cluster) together, and the settings that name them."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from streams.stack.cluster import RedisCluster
from streams.stack.kafka import KafkaCluster
from streams.stack.redis import RedisNode

if TYPE_CHECKING:
    from pathlib import Path


class Stack:
    """Both servers for as long as a `with` block runs; `directory` keeps data, ports and model key.

    Raises MissingToolError, ArtifactsError, DirectoryError, ServerError or EmbeddedServerError at
    the start, OSError where `directory` cannot be written.
    """

    def __init__(self, directory: Path, brokers: int = 1, *, cluster: bool = False) -> None:
        self.kafka = KafkaCluster(directory, brokers)
        self.redis: RedisCluster | RedisNode = (
            RedisCluster(directory) if cluster else RedisNode(directory / "redis")
        )
        self._key_file = directory / "model.key"
        self._running = ExitStack()

    @property
    def settings(self) -> dict[str, str]:
        """The settings, by their names in `Settings`."""
        return {
            "kafka": self.kafka.bootstrap,
            "redis_url": self.redis.url,
            "model_key": self._model_key(),
        }

    def check(self) -> None:
        """Raise ServerError when one of the servers has ended."""
        self.kafka.check()
        self.redis.check()

    def _model_key(self) -> str:
        """Return the key of this directory: models in its Kafka are signed with it."""
        if not self._key_file.exists():
            self._key_file.touch(mode=0o600)
            self._key_file.write_text(secrets.token_hex(32))
        return self._key_file.read_text()

    def __enter__(self) -> Self:
        with ExitStack() as running:
            running.enter_context(self.redis)
            running.enter_context(self.kafka)
            self._running = running.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running.close()
