"""A long time at a steady rate, with a fault every 20 s: nothing miscounted, memory flat."""

import json
import random
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import psutil
import structlog

from tests.faults.kinds import FAULTS
from tests.faults.servers import Servers
from tests.faults.stage import Stage
from tests.faults.watch import stopwatch

log = structlog.get_logger()

EVERY_SECONDS = 20.0
SAMPLE_SECONDS = 1.0
MIB = 1 << 20
CHOSEN = (
    "worker_killed", "worker_ended", "worker_frozen", "learner_killed", "scripts_flushed",
    "redis_restarted", "redis_down_5", "redis_frozen", "redis_full", "redis_read_only",
    "redis_older", "broker_down_5", "broker_frozen", "dead_letters_refused", "examples_refused",
)  # fmt: skip
"""Faults that the first worker lives through, so that its memory can be followed, and during which
the traffic goes on."""


class Memory(NamedTuple):
    """Mean resident memory of the first worker (MiB) in each third of the time."""

    first: float
    second: float
    last: float


class Sampler:
    """Notes the first worker's resident memory, second by second."""

    def __init__(self, stage: Stage) -> None:
        self.samples: list[float] = []
        self._process = psutil.Process(stage.fleet.workers[0].pid)
        self._watch = stopwatch()

    def look(self) -> None:
        """Take a sample if one is due."""
        if self._watch.seconds >= len(self.samples) * SAMPLE_SECONDS:
            self.samples.append(self._process.memory_info().rss / MIB)

    def memory(self) -> Memory:
        """Return the means of the thirds."""
        third = len(self.samples) // 3
        parts = (self.samples[:third], self.samples[third : 2 * third], self.samples[2 * third :])
        return Memory(*(round(fmean(part), 1) for part in parts))


def soak(servers: Servers, directory: Path, seed: int, minutes: float, rate: float) -> list[str]:
    """Run so long at `rate` events/s; return the differences, and write what there was to see."""
    chance = random.Random(seed)
    with Stage(servers, directory, seed, rate=rate) as stage:
        stage.sender.flow()
        stage.until_at_work()
        sampler, watch, faults = Sampler(stage), stopwatch(), 0
        stage.looks.append(sampler.look)
        stage.spared = stage.fleet.workers[:1]
        while watch.seconds < minutes * 60:
            due = (faults + 1) * EVERY_SECONDS
            if watch.seconds < due:
                stage.pass_time(due - watch.seconds)
            name = chance.choice(CHOSEN)
            log.info("fault", name=name, seconds=watch.seconds, sent=stage.sender.sent)
            FAULTS[name].run(stage, chance)
            faults += 1
        memory = sampler.memory()
        stage.rest()
        differences = stage.differences()
        report = {
            "seed": seed,
            "minutes": minutes,
            "rate": rate,
            "events": stage.sender.sent,
            "faults": faults,
            "memory_mib": memory._asdict(),
            "exits": stage.fleet.exits,
            "differences": differences,
        }
    (directory / "soak.json").write_text(json.dumps(report))
    log.info("soak", **report)
    return differences
