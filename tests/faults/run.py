"""Runs the rounds of a plan, judges each, and writes down what happened."""

import json
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog
from confluent_kafka import KafkaException
from redis.exceptions import RedisError

from schemas.errors import PortraitError
from tests.faults.kinds import FAULTS
from tests.faults.plan import Round
from tests.faults.servers import Worlds
from tests.faults.stage import Stage, StuckError

log = structlog.get_logger()

STUCK = "stuck"
"""How a difference begins that says no more than that a round came to no end."""

STOPPING = (StuckError, PortraitError, RedisError, KafkaException, OSError)
ROUNDS_EACH = 20
"""Rounds of one session, at most: the log must not grow for ever."""


@dataclass
class Result:
    """What a round did and what was found after it."""

    number: int
    kind: int
    fault: str
    seed: str
    moving: float | None = None  # seconds from the end of the fault until all marks moved
    caught_up: float | None = None  # until all that had been sent by then was stored
    seconds: float = 0.0
    events: int = 0  # of the session so far
    notes: dict[str, Any] = field(default_factory=dict)
    exits: list[Any] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


class Runner:
    """Keeps a session open over the rounds, and begins another one when it must.

    `options` are those of a `Stage`.
    """

    def __init__(self, worlds: Worlds, directory: Path, **options: Any) -> None:
        self._worlds = worlds
        self._directory = directory
        self._options = options
        self._session = ExitStack()
        self._stage: Stage | None = None
        self._wide = False
        self._left = 0

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.end_session()

    def end_session(self) -> None:
        """End processes and traffic; the next round begins anew."""
        self._stage = None
        self._session.close()

    def run(self, each: Round) -> Result:
        """Run one round."""
        began = time.monotonic()
        result = Result(each.number, each.kind, each.fault, each.seed)
        if self._wide != FAULTS[each.fault].wide:
            self.end_session()
        stage = self._stage or self._begin(each)
        stage.notes = result.notes
        try:
            _round(stage, each, result)
        except STOPPING as error:
            result.differences.append(f"{STUCK}: {error!r}")
        result.events = stage.sender.sent
        result.exits, stage.fleet.exits = list(stage.fleet.exits), []
        result.seconds = round(time.monotonic() - began, 1)
        self._left -= 1
        if result.differences or stage.ends or not self._left:
            self.end_session()
        return result

    def _begin(self, each: Round) -> Stage:
        """Begin a session; it is named after its first round."""
        name = self._directory / f"from-{each.number}"
        self._wide = FAULTS[each.fault].wide
        servers = self._worlds.servers(wide=self._wide)
        stage = Stage(servers, name, each.draw.randrange(2**32), **self._options)
        self._stage = self._session.enter_context(stage)
        self._left = ROUNDS_EACH
        return stage


def _round(stage: Stage, each: Round, result: Result) -> None:
    """Break something while events flow, see everything recover, come to rest, and judge."""
    chance = each.draw
    stage.sender.flow()
    stage.until_at_work()
    stage.until_moving()
    stage.pass_time(chance.uniform(0, 3))
    FAULTS[each.fault].run(stage, chance)
    stage.sender.flow()
    result.moving, result.caught_up = stage.recover()
    stage.rest()
    result.differences = [*stage.found, *stage.differences()]


def run_all(runner: Runner, rounds: Iterable[Round], results: Path) -> list[Result]:
    """Run rounds, and append each result to a file of JSON lines."""
    found = []
    for each in rounds:
        result = runner.run(each)
        found.append(result)
        with results.open("a") as out:
            out.write(json.dumps(asdict(result)) + "\n")
        log.info("round", **asdict(result))
    return found
