"""Workers and learners as an operator runs them, the events they read, and what they stored."""

import asyncio
import contextlib
import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import cast

import orjson
from confluent_kafka import Producer

from profiles.keyspace import Partition
from profiles.sections.section import Section
from profiles.store import State
from profiles.stores.client import connect, store_of
from streams.service.health import READY
from tests.cli.conftest import environment
from tests.journey.command import PORTRAIT

START_SECONDS = 60  # a bound, not an expectation
END_SECONDS = 10  # what is promised
POLL_SECONDS = 0.05
CUSTOMERS = 97


class Process:
    """One `portrait` process with its log; it ends with the `with` block at the latest."""

    def __init__(self, role: str, output: Path, settings: dict[str, str]) -> None:
        self._output = output
        with output.open("ab") as file:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [PORTRAIT, role],
                env=environment(**{"model_key": "k" * 32} | settings),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def text(self) -> list[str]:
        """All lines of its log."""
        return self._output.read_text().splitlines()

    def lines(self, event: str) -> list[dict[str, object]]:
        """The lines of its log that begin so."""
        lines = [json.loads(line) for line in self.text()]
        return [line for line in lines if str(line["event"]).startswith(event)]

    def ready(self) -> bool:
        """Whether it has joined its group and nothing is in its way; it needs a health port."""
        started = self.lines("health")
        if not started:
            return False
        connection = HTTPConnection("127.0.0.1", cast("int", started[0]["port"]))
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return connection.getresponse().status == READY

    def end(self) -> int:
        """Send SIGTERM; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(END_SECONDS)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.process.kill()
        self.process.wait()


def until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(POLL_SECONDS)


def send(brokers: str, first: int, count: int, prefix: str = "") -> None:
    """Send purchases numbered from `first`; customers take turns."""
    producer = Producer({"bootstrap.servers": brokers, "acks": "all", "log_level": 0})
    for number in range(first, first + count):
        event = {"type": "purchase", "event_id": f"e{number}", "price": 1.5}
        event |= {"customer_id": customer(number), "ts": 1_600_000_000_000 + number}
        producer.produce(f"{prefix}events.purchase", orjson.dumps(event), customer(number))
    assert producer.flush(START_SECONDS) == 0


def customer(number: int) -> str:
    return f"c{number % CUSTOMERS}"


class Stored:
    """What is in Redis, or in a Redis Cluster."""

    def __init__(self, url: str, partitions: int = 4) -> None:
        self._url = url
        self._sources = [Partition("purchase", each) for each in range(partitions)]

    def marks(self) -> list[int]:
        """The resume marks of the purchases' partitions; of several in a cluster the lowest."""
        return asyncio.run(self._marks())

    async def _marks(self) -> list[int]:
        async with connect(self._url) as client:
            store = store_of(client)
            marks = [(await store.footing(each)).mark for each in self._sources]
        return [mark.position if mark else 0 for mark in marks]

    def events(self) -> int:
        """Events behind the resume marks."""
        return sum(self.marks())

    def lines(self) -> Counter[str]:
        """Order lines counted, by customer."""
        return Counter({name: each.facts.lines for name, each in self._sections()})

    def duplicates(self) -> int:
        """Events that were dropped because their id was known: none, if no record came twice."""
        return sum(section.duplicates for _, section in self._sections())

    def _sections(self) -> list[tuple[str, Section]]:
        names = [customer(number) for number in range(CUSTOMERS)]
        states = asyncio.run(self._load(names))
        return [
            (name, Section.decode("purchase", section))
            for name, state in zip(names, states, strict=True)
            for field, section in state.sections.items()
            if field.startswith("purchase/")
        ]

    async def _load(self, names: list[str]) -> list[State]:
        async with connect(self._url) as client:
            return await store_of(client).load(names)


def expected(count: int) -> Counter[str]:
    """Order lines by customer of so many events."""
    return Counter(customer(number) for number in range(count))
