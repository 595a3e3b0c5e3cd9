"""Worker and learner as child processes, started again when they die."""

import sys
from pathlib import Path
from typing import IO

import structlog

from profiles.settings import Settings
from schemas.errors import PortraitError
from streams.embedded.child import Child
from streams.service import EXIT_STUCK

log = structlog.get_logger()

ROLES = ("worker", "learner")
MAX_RESTARTS = 100
"""Restarts of one process before giving up: a defect must end the command, not loop for ever."""

TAIL_BYTES = 2_000


class ProcessFailedError(PortraitError):
    """A worker or learner ended too often, or ended itself; the message holds its last words."""


class Processes:
    """The children of one command; call `check` often, it starts again what was killed."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.restarts = dict.fromkeys(ROLES, 0)
        self._environment = settings.environment()
        self._directory = directory
        self._logs: dict[str, IO[bytes]] = {}
        self._children: dict[str, Child] = {}

    def __enter__(self) -> "Processes":
        for role in ROLES:
            self._logs[role] = self.log_file(role).open("ab")
            self._start(role)
        return self

    def __exit__(self, *_exc: object) -> None:
        for child in self._children.values():
            child.process.terminate()  # all at once, then wait for each
        for child in self._children.values():
            child.stop()
        for log_file in self._logs.values():
            log_file.close()

    def check(self) -> None:
        """Start again what was killed by a signal, or gave up because it was stuck.

        Raises:
            ProcessFailedError: one ended itself, which is a defect or a wrong setting, or was
                killed too often.
        """
        for role, child in self._children.items():
            code = child.process.poll()
            if code is None:
                continue
            ended_itself = code >= 0 and code != EXIT_STUCK
            if ended_itself or self.restarts[role] >= MAX_RESTARTS:
                raise ProcessFailedError(
                    f"the {role} ended with exit code {code}; its last words:\n{self._tail(role)}"
                )
            self.restarts[role] += 1
            log.warning("started again", role=role, code=code)
            self._start(role)

    def pid(self, role: str) -> int:
        """Return the process id of a role's current process."""
        return self._children[role].pid

    def peak_mib(self, role: str) -> float | None:
        """Return the peak resident memory of a role's current process, None where unknown."""
        status = Path(f"/proc/{self.pid(role)}/status")
        if not status.exists():
            return None
        peaks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return round(int(peaks[0].split()[1]) / 1024, 1) if peaks else None

    def log_file(self, role: str) -> Path:
        """Return where a role's output goes."""
        return self._directory / f"{role}.log"

    def _start(self, role: str) -> None:
        command = [sys.executable, "-m", "streams.cli", role]
        self._children[role] = Child(command, self._logs[role], self._environment)

    def _tail(self, role: str) -> str:
        return self.log_file(role).read_bytes()[-TAIL_BYTES:].decode(errors="replace")
