"""A Redis with an append-only file as a child process that can come back with what it kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from redis import Redis

from streams.embedded.redis import NO_RETRY, answering_pid, find_binary, server_command
from streams.stack.node import Node

REQUEST_SECONDS = 1.0


class RedisNode(Node):
    """One server; `settings` are Redis's own, with `_` for `-`, and go before ours.

    The append-only file is flushed every second, as in production: after a `kill` the last second
    or two may be gone, and never more. `appendfsync="always"` loses nothing.
    """

    def __init__(self, directory: Path, **settings: str) -> None:
        super().__init__(directory)
        self._settings = {"appendonly": "yes"} | settings

    @property
    def url(self) -> str:
        """What redis-py wants."""
        return f"redis://{self.address}/0"

    def client(self) -> Redis:
        """Return a client of this very server, that waits for a second and does not try again."""
        return Redis(
            port=self.port,
            host="127.0.0.1",
            retry=NO_RETRY,
            socket_timeout=REQUEST_SECONDS,
            socket_connect_timeout=REQUEST_SECONDS,
            decode_responses=True,
        )

    def ask(self, *words: Any) -> Any:
        """Return this very server's answer to one command; raises what redis-py raises."""
        with self.client() as client:
            return client.execute_command(*words)

    def command(self) -> list[str]:
        """Return the command; files are in `data` of the directory."""
        return server_command(find_binary(), self.port, self.directory / "data", **self._settings)

    def ready(self) -> bool:
        """Whether it answers, with its file loaded, and is ours: another may hold the port."""
        with self.client() as client:
            return answering_pid(client) == self.pid
