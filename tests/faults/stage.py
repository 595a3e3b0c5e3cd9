"""One session: servers, topics, processes and traffic, and all that a fault can lay hands on."""

import itertools
import random
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from pydantic import SecretStr

from profiles.settings import Settings
from tests.faults.audit import Audit
from tests.faults.sender import Sender
from tests.faults.topics import Topics
from tests.faults.traffic import Traffic
from tests.faults.watch import stopwatch
from tests.faults.workers import Fleet, Process

POLL_SECONDS = 0.05
CAUGHT_UP_SECONDS = 900.0  # these are bounds, for half an hour at full speed too
MOVING_SECONDS = 240.0
LEARNT_SECONDS = 1_800.0
SNAPSHOT_SECONDS = 3.0
Positions = dict[str, int]
sessions = itertools.count()


class StuckError(AssertionError):
    """What had to happen did not happen in time."""


class Recovery(NamedTuple):
    """Seconds from the end of a fault."""

    moving: float  # until every mark had moved
    caught_up: float  # until all that had been sent by then was stored


class Stage:
    """Use as a context; its servers (`Servers` or `WideServers`) run before it and after it."""

    def __init__(
        self,
        servers: Any,
        directory: Path,
        seed: int,
        *,
        workers: int = 2,
        rate: float = 600.0,
        build: str | None = None,
        session_seconds: float = 10.0,
    ) -> None:
        self.servers = servers
        self.directory = directory
        self.notes: dict[str, Any] = {}
        """What a fault wants to be remembered of its round."""

        self.found: list[str] = []
        """Differences found in the middle of a round."""

        self.spared: list[Process] = []
        """Workers that faults of workers leave alone."""

        self.looks: list[Callable[[], None]] = []
        """Called now and then while something is waited for."""

        self.ends = False
        """Set by a fault after which this session cannot go on."""

        self._seed = seed
        self._session_seconds = session_seconds
        self._size = (workers, rate, build)
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as parts:
            workers, rate, build = self._size
            self.servers.empty()
            prefix = f"s{next(sessions)}-{secrets.token_hex(2)}."
            self.topics = Topics(
                self.servers.kafka.bootstrap, prefix, len(self.servers.kafka.nodes)
            )
            parts.callback(self.topics.close)
            self.topics.make_all()
            self.settings = self._settings(prefix)
            self.audit = Audit(self.settings, self.topics, self.servers.redis_client())
            self.watcher = parts.enter_context(self.servers.watcher())
            traffic = Traffic(self._seed)
            self.sender = parts.enter_context(Sender(self.settings.kafka, prefix, traffic, rate))
            self.directory.mkdir(parents=True, exist_ok=True)
            self.fleet = parts.enter_context(Fleet(self.settings, self.directory, workers, build))
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._parts.close()

    def _settings(self, prefix: str) -> Settings:
        return Settings(
            kafka=self.servers.kafka.bootstrap,
            redis_url=self.servers.redis_url,
            topic_prefix=prefix,
            model_key=SecretStr(secrets.token_hex(32)),
            session_timeout_seconds=self._session_seconds,
            on_recreated_topic="continue",
            on_truncated_log="count_gap",
            cache_megabytes=2,  # so little that customers leave it and come back
            snapshot_seconds=SNAPSHOT_SECONDS,
            refresh_seconds=0,  # profiles speak of their customers' latest events
            population_seconds=0,
            log_format="json",
        )

    # what faults are made of

    def pass_time(self, seconds: float) -> None:
        """Let everything go on for so long."""
        watch = stopwatch()
        self.until(lambda: watch.seconds >= seconds, seconds + 1)

    def until(self, done: Callable[[], bool], seconds: float, what: str = "") -> float:
        """Wait, and look after the processes meanwhile; return the seconds it took.

        Raises:
            StuckError: it took too long.
        """
        watch = stopwatch()
        while not done():
            if watch.seconds > seconds:
                raise StuckError(what or f"nothing for {seconds} s")
            self.fleet.supervise()
            for look in self.looks:
                look()
            time.sleep(POLL_SECONDS)
        return watch.seconds

    def until_at_work(self) -> None:
        """Wait until every worker has partitions."""
        workers = self.fleet.workers
        self.until(
            lambda: all(worker.is_at_work() for worker in workers),
            MOVING_SECONDS,
            "workers without partitions",
        )

    def until_moving(self) -> float:
        """Wait until every partition's mark has moved; return the seconds it took."""
        self.watcher.look_again()
        before = self.watcher.positions()

        def moving() -> bool:
            now = self.watcher.positions()
            return all(now.get(name, -1) > before.get(name, -1) for name in self.watcher.known)

        return self.until(moving, MOVING_SECONDS, "marks that do not move")

    def until_caught_up(self, ends: Positions | None = None) -> float:
        """Wait until the marks are at `ends`, by default those of now; return the seconds taken."""
        wanted = ends or self.topics.ends()

        def caught_up() -> bool:
            now = self.watcher.positions()
            return all(now.get(name, 0) >= end for name, end in wanted.items() if end)

        return self.until(caught_up, CAUGHT_UP_SECONDS, "workers that do not catch up")

    def recover(self) -> Recovery:
        """Wait until everything works again, and has done what waited for it."""
        ends = self.topics.ends()
        moving = self.until_moving()
        return Recovery(moving, round(moving + self.until_caught_up(ends), 2))

    def worker(self, chance: random.Random) -> Process:
        """Choose a worker to do something to."""
        return chance.choice([each for each in self.fleet.workers if each not in self.spared])

    def rest(self) -> None:
        """Send nothing more, and wait until everything is at rest."""
        self.sender.pause()
        self.until_caught_up()
        self.until(lambda: self.audit.is_learnt, LEARNT_SECONDS, "examples not learnt")

    def judge(self) -> None:
        """Note where Redis is not as it must be, in the middle of a round."""
        self.found += self.differences()

    def differences(self) -> list[str]:
        """Read the logs and say where Redis is not as it must be, after `rest`."""
        self.audit.read()
        return [*self.audit.differences(), *(f"mark {m}" for m in self.watcher.backward)]
