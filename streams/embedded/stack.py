"""Broker and Redis together: the default that one command runs on."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from streams.embedded.broker import EmbeddedBroker
from streams.embedded.redis import EmbeddedRedis

if TYPE_CHECKING:
    from pathlib import Path


class EmbeddedStack:
    """Both servers for as long as a `with` block runs.

    Inside the block: `kafka` (`host:port`), `redis_url`, `epoch` (see EmbeddedBroker).
    `directory` keeps Redis's state over restarts; the broker keeps nothing.

    >>> with EmbeddedStack() as stack:
    ...     stack.redis_url.startswith("redis://127.0.0.1:")
    True
    """

    kafka: str
    redis_url: str
    epoch: str

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._servers = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as servers:  # when the second does not start, the first is stopped
            store = servers.enter_context(EmbeddedRedis(self._directory))
            broker = servers.enter_context(EmbeddedBroker())
            self._servers = servers.pop_all()
        self.kafka, self.redis_url, self.epoch = broker.bootstrap, store.url, broker.epoch
        return self

    def __exit__(self, *_exc: object) -> None:
        self._servers.close()
