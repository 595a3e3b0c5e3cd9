"""How much of the traffic is visible in Redis, and since when; what the processes have used."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
from redis import Redis

from benchmarks.performance.programs import Read, State
from benchmarks.performance.traffic import Probe

AHEAD = 4
"""Probes of a partition asked for at once: they become visible in order."""


class Watch:
    """Looks for the next probes of every partition."""

    def __init__(self, redis: Redis, read: Read, probes: Sequence[Sequence[Probe]]) -> None:
        self.seen: dict[int, float] = {}  # index of an event: when it was seen (monotonic, s)
        self.wanted = sum(map(len, probes))
        self._redis, self._read, self._probes = redis, read, probes
        self._next = [0] * len(probes)

    @property
    def done(self) -> bool:
        return len(self.seen) == self.wanted

    def look(self) -> int:
        """Ask once; return how many have become visible."""
        asked = [
            probes[at : at + AHEAD] for probes, at in zip(self._probes, self._next, strict=True)
        ]
        customers = [probe.customer for probes in asked for probe in probes]
        states = iter(self._read(self._redis, customers) if customers else ())
        now, before = time.monotonic(), len(self.seen)
        for partition, probes in enumerate(asked):
            found = [visible(probe, next(states)) for probe in probes]
            for probe in probes[: [*found, False].index(False)]:
                self.seen[probe.index] = now
                self._next[partition] += 1
        return len(self.seen) - before


def visible(probe: Probe, state: State) -> bool:
    """Tell whether an event is in its customer's state."""
    return state is not None and state["lines"] >= probe.lines


class Used(NamedTuple):
    """CPU seconds so far."""

    program: float
    redis: float
    beside: float


def used(program: int, redis: int, beside: Sequence[int]) -> Used:
    """Return what the processes, their children included, have used so far."""
    return Used(tree_seconds(program), tree_seconds(redis), sum(map(tree_seconds, beside)))


def tree_seconds(pid: int) -> float:
    times = [each.cpu_times() for each in _tree(pid)]
    return float(sum(each.user + each.system for each in times))


def tree_peak_mib(pid: int) -> float:
    """Return the peaks of resident memory of a process and its children, added up."""
    return round(sum(map(_peak_kib, _tree(pid))) / 1024, 1)


def _tree(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _peak_kib(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    (peak,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak.split()[1])
