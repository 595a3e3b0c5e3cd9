"""One server process that can be stopped, killed, frozen and started again, with what it kept."""

from __future__ import annotations

import signal
import time
from abc import abstractmethod
from typing import TYPE_CHECKING

from streams.embedded.child import Child
from streams.stack.errors import ServerError
from streams.stack.ports import kept_port
from streams.stack.server import Server

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

START_WAIT_SECONDS = 120.0  # a log is recovered, a file loaded, on a machine that may be busy
STOP_WAIT_SECONDS = 15.0
POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 2000


class Node(Server):
    """A server whose data, log and port stay in `directory` whatever happens to its process.

    `start` it in the main thread, or in one that lives as long as it should: see `Child`.
    Inside a `with` block it runs; the block's end stops it, the files stay.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = kept_port(directory / "port")
        self._child: Child | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Return what to execute; called before every launch."""

    @abstractmethod
    def ready(self) -> bool:
        """Tell whether the server serves its clients now."""

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        """What the server has said, over all its lives."""
        return self.directory / "server.log"

    @property
    def alive(self) -> bool:
        """Whether the process exists, frozen or not."""
        return self._child is not None and self._child.alive

    @property
    def pid(self) -> int:
        """The process id of the server's current life, or of its last one."""
        return self._process.pid

    def start(self) -> None:
        """Launch the server unless it runs, and wait until it serves its clients.

        Raises:
            ServerError: it ended, or took longer than START_WAIT_SECONDS.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Launch the server unless it runs, and do not wait."""
        if not self.alive:
            command = self.command()
            with self.log_file.open("ab") as log:
                self._child = Child(command, output=log)

    def wait_until_ready(self) -> None:
        """Wait until the server serves its clients; raises ServerError as `start` does."""
        deadline = time.monotonic() + START_WAIT_SECONDS
        while not self.ready():
            self.check()
            if time.monotonic() > deadline:
                raise ServerError(f"{self} is not ready; its last words:\n{self.last_words()}")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise ServerError, with the server's last words, when it does not run."""
        if not self.alive:
            raise ServerError(f"{self} ended; its last words:\n{self.last_words()}")

    def stop(self, wait_seconds: float = STOP_WAIT_SECONDS) -> None:
        """End the server in order (SIGTERM), and at once after `wait_seconds`."""
        if self._child is not None:
            self.terminate()
            self._child.stop(wait_seconds)

    def terminate(self) -> None:
        """Ask the server to end (SIGTERM), and do not wait."""
        if self._child is not None:
            self._process.send_signal(signal.SIGCONT)  # a frozen process does not hear SIGTERM
            self._process.terminate()

    def kill(self) -> None:
        """End the server without a warning (SIGKILL)."""
        if self._child is not None:
            self._child.kill()

    def pause(self) -> None:
        """Freeze the server (SIGSTOP): its connections stay open, and nothing answers."""
        self.check()
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on (SIGCONT)."""
        self.check()
        self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop the server in order and start it again."""
        self.stop()
        self.start()

    def last_words(self) -> str:
        """Return the end of the server's log."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise ServerError(f"{self} was never launched")
        return self._child.process

    def __str__(self) -> str:
        return f"{type(self).__name__} at {self.address}"


class Cluster(Server):
    """Nodes that serve as one."""

    nodes: Sequence[Node]

    def check(self) -> None:
        """Raise ServerError when one of the nodes has ended."""
        for node in self.nodes:
            node.check()
