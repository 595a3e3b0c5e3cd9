"""Workers and learner as processes: started, killed, frozen, ended, and started again."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import psutil

from profiles.settings import Settings
from streams.embedded.child import Child
from tests.faults.steps import Strike

WORKER = ("-m", "streams.cli", "worker")
BUILDS = ("-m", "tests.faults.builds")
LEARNER = ("-m", "streams.cli", "learner")
STOP_SECONDS = 30.0
RESUMED = b'"resumed"'
AGAIN_SECONDS = 0.5
"""A supervisor waits so long before it starts a process again."""


class Exit(NamedTuple):
    """The end of a process that nobody had asked for."""

    name: str
    code: int


class Process:
    """One process under supervision; `command` is what Python is started with."""

    def __init__(self, name: str, command: Sequence[str], fleet: "Fleet") -> None:
        self.name = name
        self._command = command
        self._fleet = fleet
        self._child: Child | None = None
        self._killed = False
        self._silent = 0  # bytes of its log from earlier lives
        self._down_since = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, None while it is down."""
        return self._child.pid if self._child and self._child.alive else None

    @property
    def log_file(self) -> Path:
        """Where its output goes, over all its lives."""
        return self._fleet.directory / f"{self.name}.log"

    def is_at_work(self) -> bool:
        """Tell whether it has said in this life that it stands in a partition."""
        return self.pid is not None and self.has_said(RESUMED)

    def has_said(self, words: bytes) -> bool:
        """Tell whether its log of this life holds these words."""
        with self.log_file.open("rb") as log:
            log.seek(self._silent)
            return words in log.read()

    def has_ended(self) -> bool:
        """Tell whether it is down."""
        return self.pid is None

    @property
    def frozen(self) -> bool:
        """Whether its clock is stopped."""
        return self.pid is not None and psutil.Process(self.pid).status() == psutil.STATUS_STOPPED

    def start(self, strike: Strike | None = None, settings: Settings | None = None) -> None:
        """Start it unless it runs, this once with something about to happen or other settings."""
        if self.pid is None:
            struck = (*BUILDS, self._fleet.build or "honest", *strike.words()) if strike else ()
            words = [sys.executable, *(struck or self._command)]
            environment = (settings or self._fleet.settings).environment()
            with self.log_file.open("ab") as log:
                self._silent = log.tell()
                self._child = Child(words, log, environment)
            self._killed = False

    def kill(self) -> None:
        """End it without a warning (SIGKILL); its supervisor starts it again."""
        self._killed = True
        if self._child is not None:
            self._child.kill()

    def end(self) -> None:
        """End it without a warning, and leave it down until it is started."""
        self.kill()
        self._child = None

    def freeze(self) -> None:
        """Stop its clock (SIGSTOP)."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._send(signal.SIGCONT)

    def stop(self) -> tuple[int, float]:
        """Ask it to end (SIGTERM); return exit code and seconds taken."""
        began = time.monotonic()
        code = self._child.stop(STOP_SECONDS) if self._child else 0
        self._child = None
        return code, time.monotonic() - began

    def supervise(self) -> None:
        """Start it again where it has ended by itself or was killed."""
        if self._child is None or self._child.alive:
            self._down_since = 0.0
            return
        now = time.monotonic()
        if not self._down_since:
            self._down_since = now
            code = self._child.process.returncode
            if not self._killed and code != -signal.SIGKILL:  # those kill themselves at a step
                self._fleet.exits.append(Exit(self.name, code))
        elif now - self._down_since > AGAIN_SECONDS:
            self.start()

    def _send(self, number: signal.Signals) -> None:
        if self._child is not None and self._child.alive:
            self._child.process.send_signal(number)


class Fleet:
    """Workers and a learner with the same settings, for a `with` block; call `supervise` often.

    `build` names the way in which the workers are broken on purpose.
    """

    def __init__(
        self, settings: Settings, directory: Path, workers: int, build: str | None = None
    ) -> None:
        self.settings = settings
        self.directory = directory
        self.build = build
        self._command = (*BUILDS, build) if build else WORKER
        self.exits: list[Exit] = []
        self.workers = [Process(f"worker{n}", self._command, self) for n in range(workers)]
        self.learner = Process("learner", LEARNER, self)
        self._extra: list[Process] = []

    @property
    def all(self) -> list[Process]:
        """Workers and learner."""
        return [*self.workers, *self._extra, self.learner]

    def extra_worker(self) -> Process:
        """Return one more worker, which does not run yet; it is under supervision too."""
        process = Process(f"extra{len(self._extra)}", self._command, self)
        self._extra.append(process)
        return process

    def __enter__(self) -> Self:
        for process in self.all:
            process.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for process in self.all:
            process.end()

    def supervise(self) -> None:
        """Start again what has died."""
        for process in self.all:
            process.supervise()

    def stop_workers(self) -> None:
        """End the workers in order."""
        for worker in self.workers:
            worker.stop()

    def start_workers(self) -> None:
        """Start the workers that do not run."""
        for worker in self.workers:
            worker.start()
