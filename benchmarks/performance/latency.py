"""How old an event is when Redis shows it, at a fixed rate that nobody can slow down.

Open loop: event n is due n / rate seconds after the start, whatever became of those before it, and
its latency counts from when it was due. So a pause is seen by every event that it kept waiting (no
coordinated omission). The raw limit at the same rate is the raw produce, consume, SET, GET loop.
"""

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

import numpy as np

from benchmarks.performance.programs import Program
from benchmarks.performance.run import (
    WARM_EVENTS,
    BenchmarkError,
    Place,
    Sender,
    later_probes,
    started,
    warm_up,
)
from benchmarks.performance.traffic import Sent, Traffic
from benchmarks.performance.watch import Watch
from streams.stack import Stack

PROBES_PER_SECOND = 200
TICK_SECONDS = 0.002
GRACE_SECONDS = 0.5
"""Between the moment that a sender is ready and its first event."""

LOOK_SECONDS = 0.001
LATEST_SECONDS = 30.0
PERCENTILES = (50, 90, 99, 99.9)


class Latency(NamedTuple):
    """Milliseconds at the percentiles; `sent_late` is how late the sender itself was (p99)."""

    rate: float
    probes: int
    percentiles: dict[str, float]
    sent_late: float


def latency(
    program: Program, traffic: Traffic, rate: float, seconds: float, stack: Stack
) -> Latency:
    """Send for so many seconds at a rate (events/s), and see when the events are visible.

    Raises:
        BenchmarkError: the program ended, or events were not visible in time.
    """
    whole = traffic.share(WARM_EVENTS + round(rate * seconds))
    with Place(stack) as place, started(program, place) as running:
        warm_up(program, whole, place, running)
        probes = later_probes(whole, max(1, round(rate / PROBES_PER_SECOND)))
        watch = Watch(place.redis, program.read, probes)
        start, late = _send_and_look(watch, place, whole.events[WARM_EVENTS:], rate)
    ages = [
        (at - start) * 1000 - (index - WARM_EVENTS) / rate * 1000
        for index, at in watch.seen.items()
    ]
    return Latency(round(rate), len(ages), percentiles(ages), late)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return the percentiles by name."""
    found = np.percentile(values, PERCENTILES).round(2).tolist()
    return dict(zip((f"p{each:g}" for each in PERCENTILES), found, strict=True))


def _send_and_look(
    watch: Watch, place: Place, events: Sequence[Sent], rate: float
) -> tuple[float, float]:
    """Watch while another process sends; return its start, and how late it was in ms (p99)."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (place.settings.kafka, place.topic, events, rate, theirs)
    process = context.Process(target=_send, args=arguments, daemon=True)
    process.start()
    start = float(ours.recv())
    deadline = start + len(events) / rate + LATEST_SECONDS
    while not watch.done:
        watch.look()
        if time.monotonic() > deadline:
            raise BenchmarkError("events are not visible in time", seen=len(watch.seen))
        time.sleep(LOOK_SECONDS)
    late = float(ours.recv())
    process.join()
    return start, late


def _send(
    brokers: str, topic: str, events: Sequence[Sent], rate: float, parent: Connection
) -> None:
    """Send every event when it is due, those that are overdue at once."""
    sender, sent, late = Sender(brokers, topic), 0, []
    sender.flush()
    start = time.monotonic() + GRACE_SECONDS
    parent.send(start)
    time.sleep(GRACE_SECONDS)
    while sent < len(events):
        due = min(len(events), int((time.monotonic() - start) * rate) + 1)
        for index in range(sent, due):
            sender.send(events[index])
            late.append((time.monotonic() - start - index / rate) * 1000)
        sent = due
        sender.poll()
        time.sleep(TICK_SECONDS)
    sender.flush()
    parent.send(percentiles(late)["p99"])
