"""One program, one traffic, empty servers: how fast, at what cost, and whether it is right."""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from confluent_kafka import Producer
from redis import Redis

from benchmarks.performance.programs import Program, Read, environment
from benchmarks.performance.traffic import PARTITIONS, Sent, Traffic
from benchmarks.performance.watch import Used, Watch, tree_peak_mib, used
from profiles.settings import Settings
from schemas.errors import PortraitError
from schemas.topics import event_topic
from streams.embedded.child import Child
from streams.service import admin_client
from streams.stack import Stack
from streams.topics import create_missing

PROBES = 800
WARM_UP = 0.25
"""Share of the events before the clock starts: start, joining the group, what was prefetched."""

LOOK_SECONDS = 0.005
STUCK_SECONDS = 60.0
SETTLE_SECONDS = 30.0
LINGER_MS = 1
REQUEST_SECONDS = 30.0
TAIL_BYTES = 2_000


class BenchmarkError(PortraitError):
    """A program ended, made no progress, or came to another result than the reference."""


class Figures(NamedTuple):
    """What one run gave: rates, CPU seconds per million events, peak memory."""

    events: int
    events_per_second: float
    program_cpu: float
    redis_cpu: float
    beside_cpu: float
    peak_mib: float

    @property
    def cpu(self) -> float:
        """CPU seconds per million events, program and Redis together."""
        return self.program_cpu + self.redis_cpu


class Started(NamedTuple):
    """A program that runs on empty servers."""

    child: Child
    beside: list[Child]
    log: Path
    name: str

    def check(self) -> None:
        """Raise BenchmarkError when one has ended."""
        if not all(child.alive for child in (self.child, *self.beside)):
            raise BenchmarkError(f"{self.name} ended; its last words:\n{tail(self.log)}")


class Place:
    """Topics and settings of one run."""

    def __init__(self, stack: Stack) -> None:
        self.redis_pid = stack.redis.pid
        prefix = f"bench-{secrets.token_hex(4)}."
        self.settings = Settings(**stack.settings, topic_prefix=prefix, base_currency="GBP")
        self.topic = event_topic("purchase", prefix)
        self.redis = Redis.from_url(stack.settings["redis_url"])

    def __enter__(self) -> "Place":
        self.redis.flushall()
        self._topics = create_missing(
            self.settings.kafka, self.settings.topic_prefix, partitions=PARTITIONS
        )
        return self

    def __exit__(self, *_exc: object) -> None:
        self.redis.close()
        client = admin_client(self.settings.brokers)
        for answer in client.delete_topics(self._topics).values():
            answer.result(REQUEST_SECONDS)


class Sender:
    """Sends events to the partitions of their customers."""

    def __init__(self, brokers: str, topic: str) -> None:
        self._producer: Any = Producer({"bootstrap.servers": brokers, "linger.ms": LINGER_MS})
        self._topic = topic

    def send(self, event: Sent) -> None:
        while True:
            try:
                key = event.customer.encode()
                self._producer.produce(self._topic, event.value, key, event.partition)
                return
            except BufferError:
                self._producer.poll(0.1)

    def poll(self) -> None:
        self._producer.poll(0)

    def flush(self) -> None:
        if self._producer.flush(REQUEST_SECONDS):
            raise BenchmarkError("the events were not acknowledged", topic=self._topic)


@contextmanager
def started(program: Program, place: Place) -> Iterator[Started]:
    """Start a program and what runs beside it; end them with the block."""
    with ExitStack() as parts:
        directory = Path(parts.enter_context(TemporaryDirectory(prefix="bench-")))
        log = parts.enter_context((directory / "log").open("ab"))
        told = environment(place.settings, directory) | program.environment

        def start(command: list[str]) -> Child:
            return parts.enter_context(Child(command, log, told))

        child = start(program.command)
        beside = [start(program.beside)] if program.beside else []
        yield Started(child, beside, directory / "log", program.name)


def measure(program: Program, whole: Traffic, stack: Stack) -> Figures:
    """Let a program work off a topic that is full, and look at it.

    Raises:
        BenchmarkError: it ended, stood still, or its result is not the reference's.
    """
    traffic = whole.share(len(whole.events) // program.slower)
    with Place(stack) as place:
        sender = Sender(place.settings.kafka, place.topic)
        for event in traffic.events:
            sender.send(event)
        sender.flush()
        with started(program, place) as running:
            probes = traffic.probes(len(traffic.events) // PROBES)
            watch = Watch(place.redis, program.read, probes)
            figures = _timed(watch, running, place, len(traffic.events))
            check(traffic, place.redis, program.read)
            return figures._replace(peak_mib=tree_peak_mib(running.child.pid))


def _timed(watch: Watch, running: Started, place: Place, events: int) -> Figures:
    pids = (running.child.pid, place.redis_pid, [child.pid for child in running.beside])
    until(watch, running, round(watch.wanted * WARM_UP))
    began, before, free = time.monotonic(), used(*pids), len(watch.seen)
    if watch.done:
        raise BenchmarkError(
            f"{running.name} wrote everything at once: too few events", events=events
        )
    until(watch, running, watch.wanted)
    seconds, after = time.monotonic() - began, used(*pids)
    counted = events * (1 - free / watch.wanted)
    per_million = Used(*((b - a) / counted * 1e6 for a, b in zip(before, after, strict=True)))
    return Figures(events, counted / seconds, *per_million, 0.0)


def until(watch: Watch, running: Started, wanted: int) -> None:
    """Look until so many probes are visible.

    Raises:
        BenchmarkError: the program ended, or nothing moved for long.
    """
    moved = time.monotonic()
    while len(watch.seen) < wanted:
        if watch.look():
            moved = time.monotonic()
            continue
        running.check()
        if time.monotonic() - moved > STUCK_SECONDS:
            raise BenchmarkError(f"{running.name} stands still:\n{tail(running.log)}")
        time.sleep(LOOK_SECONDS)


def check(traffic: Traffic, redis: Redis, read: Read) -> None:
    """Compare every customer with the reference; the last writes may still be on their way.

    Raises:
        BenchmarkError: some differ, and stay different.
    """
    customers = list(traffic.expected)
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        states = dict(zip(customers, read(redis, customers), strict=True))
        wrong = [who for who in customers if states[who] != traffic.expected[who]]
        if not wrong:
            return
        if time.monotonic() > deadline:
            who = wrong[0]
            raise BenchmarkError(
                "not the reference's result",
                wrong=len(wrong), customer=who, is_=states[who], should_be=traffic.expected[who],
            )  # fmt: skip
        time.sleep(LOOK_SECONDS)


def tail(log: Path) -> str:
    return log.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
