"""One program, one traffic, empty servers: how fast, at what cost, and whether it is right."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from confluent_kafka import Producer
from redis import Redis

from benchmarks.performance.programs import Program, Read, environment
from benchmarks.performance.traffic import PARTITIONS, Probe, Sent, Traffic
from benchmarks.performance.watch import Used, Watch, tree_peak_mib, used
from profiles.settings import Settings
from schemas.errors import PortraitError
from schemas.topics import event_topic
from streams.embedded.child import Child
from streams.service.admin import admin_client
from streams.stack import Stack
from streams.topics import create_missing

WARM_EVENTS = 2_000
"""Sent and visible before the clock starts: the program is up, its group joined, its code warm."""

PROBES = 40
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

    @property
    def programs_cpu(self) -> float:
        """The same of the program and what runs beside it, Redis not among them."""
        return self.program_cpu + self.beside_cpu


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

    def __init__(self, brokers: str, topic: str, **settings: str) -> None:
        given = {"bootstrap.servers": brokers, "linger.ms": LINGER_MS, "log_level": 2}
        self._producer: Any = Producer(given | settings)
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

    def send_all(self, events: Iterable[Sent]) -> None:
        for event in events:
            self.send(event)
        self.flush()


class HiddenSender(Sender):
    """Its events stand in the topic, and nobody who reads what is committed sees one before `show`.

    So a program can be up and waiting, and nothing is fetched before the clock starts.
    """

    def __init__(self, brokers: str, topic: str) -> None:
        super().__init__(brokers, topic, **{"transactional.id": topic})
        self._producer.init_transactions(REQUEST_SECONDS)
        self._producer.begin_transaction()

    def show(self) -> None:
        self._producer.commit_transaction(REQUEST_SECONDS)


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
    """Let a program that is up work off a topic that is full; look when it is done.

    Raises:
        BenchmarkError: it ended, stood still, or its result is not the reference's.
    """
    traffic = whole.share(len(whole.events) // program.slower)
    with Place(stack) as place, started(program, place) as running:
        warm_up(program, traffic, place, running)
        time.sleep(program.settles)
        sender = HiddenSender(place.settings.kafka, place.topic)
        probes = later_probes(traffic, len(traffic.events) // PROBES)
        watch = Watch(place.redis, program.read, probes)
        look = partial(sample, running, place)
        before = look()  # who reads what is not committed begins now
        sender.send_all(traffic.events[WARM_EVENTS:])
        if program.committed:
            before = look()
        sender.show()
        until(watch, running)
        after = settled(traffic, place.redis, program.read, look)
        return figures(len(traffic.events) - WARM_EVENTS, before, after, running)


class Sample(NamedTuple):
    """A moment (monotonic, s), and what the processes have used until then."""

    at: float
    used: Used


def sample(running: Started, place: Place) -> Sample:
    beside = [child.pid for child in running.beside]
    return Sample(time.monotonic(), used(running.child.pid, place.redis_pid, beside))


def figures(events: int, before: Sample, after: Sample, running: Started) -> Figures:
    """Return what happened between two samples."""
    spent = zip(before.used, after.used, strict=True)
    per_million = Used(*(round((late - early) / events * 1e6, 2) for early, late in spent))
    rate = events / (after.at - before.at)
    return Figures(events, round(rate, 1), *per_million, tree_peak_mib(running.child.pid))


def warm_up(program: Program, traffic: Traffic, place: Place, running: Started) -> None:
    """Send the first events, and wait until they are visible."""
    first = traffic.share(WARM_EVENTS)
    Sender(place.settings.kafka, place.topic).send_all(first.events)
    until(Watch(place.redis, program.read, first.probes(WARM_EVENTS)), running)


def later_probes(traffic: Traffic, every: int) -> list[list[Probe]]:
    """Return the probes behind the warm-up."""
    return [[p for p in each if p.index >= WARM_EVENTS] for each in traffic.probes(every)]


def until(watch: Watch, running: Started) -> None:
    """Look until all is visible.

    Raises:
        BenchmarkError: the program ended, or nothing moved for long.
    """
    moved = time.monotonic()
    while not watch.done:
        if watch.look():
            moved = time.monotonic()
            continue
        running.check()
        if time.monotonic() - moved > STUCK_SECONDS:
            raise BenchmarkError(f"{running.name} stands still:\n{tail(running.log)}")
        time.sleep(LOOK_SECONDS)


def settled(traffic: Traffic, redis: Redis, read: Read, look: Callable[[], Sample]) -> Sample:
    """Return the moment since when every customer is as the reference has them.

    Raises:
        BenchmarkError: some differ, and stay different.
    """
    customers = list(traffic.expected)
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        moment = look()
        states = dict(zip(customers, read(redis, customers), strict=True))
        wrong = [who for who in customers if states[who] != traffic.expected[who]]
        if not wrong:
            return moment
        if time.monotonic() > deadline:
            who = wrong[0]
            raise BenchmarkError(
                "not the reference's result",
                wrong=len(wrong), customer=who, is_=states[who], should_be=traffic.expected[who],
            )  # fmt: skip
        time.sleep(LOOK_SECONDS)


def tail(log: Path) -> str:
    return log.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
