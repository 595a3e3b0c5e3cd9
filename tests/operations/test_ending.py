"""SIGTERM ends a process within ten seconds, whatever is away, and loses nothing."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import orjson
import psutil
import pytest
import redis
from confluent_kafka import Producer

from profiles.keyspace import Partition, mark_key
from profiles.store import Mark
from streams.embedded import EmbeddedBroker, EmbeddedRedis
from streams.run.stack import create_topics
from tests.cli.conftest import environment
from tests.journey.command import PORTRAIT

START_SECONDS = 60  # a bound, not an expectation
END_SECONDS = 10  # what is promised
POLL_SECONDS = 0.05
PARTITIONS = 4


class World:
    """Embedded servers that can go away, and a process that uses them."""

    def __init__(self, directory: Path) -> None:
        self.broker, self.redis = EmbeddedBroker(), EmbeddedRedis()
        self.output = directory / "output"
        create_topics(self.broker.bootstrap)
        self._parts = ExitStack()
        self._parts.callback(self.redis.close)
        self._parts.callback(self.broker.close)

    def start(self, role: str) -> subprocess.Popen[bytes]:
        output: IO[bytes] = self._parts.enter_context(self.output.open("wb"))
        process = subprocess.Popen(  # noqa: S603 - our own command
            [PORTRAIT, role],
            env=environment(
                kafka=self.broker.bootstrap,
                redis_url=self.redis.url,
                epoch=self.broker.epoch,
                model_key="k" * 32,
                session_timeout_seconds="2",
                health_port="0",
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        self._parts.callback(process.wait)
        self._parts.callback(process.kill)
        return process

    def send(self, first: int, count: int) -> None:
        producer = Producer({"bootstrap.servers": self.broker.bootstrap})
        for number in range(first, first + count):
            event = {"type": "purchase", "event_id": f"e{number}", "customer_id": f"c{number % 9}"}
            event |= {"ts": 1_600_000_000_000 + number, "price": 1.5}
            producer.produce("events.purchase", orjson.dumps(event), event["customer_id"])
        assert producer.flush(START_SECONDS) == 0

    def stored(self) -> int:
        """Events behind the resume marks."""
        with redis.Redis.from_url(self.redis.url) as client:
            keys = [mark_key(Partition("purchase", number)) for number in range(PARTITIONS)]
            return sum(Mark.decode(mark).position for mark in client.mget(keys) if mark)

    def lines(self, event: str) -> list[dict[str, object]]:
        """Log lines that begin so."""
        lines = [json.loads(line) for line in self.output.read_text().splitlines()]
        return [line for line in lines if str(line["event"]).startswith(event)]

    def close(self) -> None:
        self._parts.close()


@pytest.fixture
def world(redis_server: object, tmp_path: Path) -> Iterator[World]:
    """Without a Redis to embed, skipped."""
    world = World(tmp_path)
    yield world
    world.close()


def until(condition, seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(POLL_SECONDS)


def end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(END_SECONDS)


def test_a_worker_under_load_finishes_what_it_has_and_moves_the_marks(world: World) -> None:
    worker = world.start("worker")
    world.send(0, 5_000)
    until(lambda: world.stored() > 0)
    assert end(worker) == 0
    stored = world.stored()
    assert world.lines("left without finishing") == []
    following = world.start("worker")
    until(lambda: world.stored() == 5_000)
    assert end(following) == 0
    assert 0 < stored <= 5_000
    assert lines_counted(world) == 5_000


@pytest.mark.parametrize("role", ["worker", "learner"])
def test_with_the_broker_away_it_ends_without_it(world: World, role: str) -> None:
    process = world.start(role)
    until(lambda: bool(world.lines("health")))
    world.send(0, 100)
    if role == "worker":
        until(lambda: world.stored() == 100)
    world.broker.close()
    until(lambda: bool(world.lines("kafka away")))
    assert end(process) == 0
    assert len(world.output.read_text().splitlines()) < 12


def test_with_redis_frozen_under_a_batch_it_ends_and_loses_nothing(world: World) -> None:
    worker = world.start("worker")
    world.send(0, 100)
    until(lambda: world.stored() == 100)
    os.kill(world.redis.pid, signal.SIGSTOP)
    try:
        world.send(100, 100)
        until(lambda: bool(world.lines("redis away")))
        assert end(worker) == 0
    finally:
        psutil.Process(world.redis.pid).resume()
    assert len(world.lines("redis")) == 1
    following = world.start("worker")
    until(lambda: world.stored() == 200)
    assert end(following) == 0
    assert lines_counted(world) == 200


def lines_counted(world: World) -> int:
    """Order lines in all profiles."""
    with redis.Redis.from_url(world.redis.url, decode_responses=True) as client:
        return sum(int(client.hget(f"profile:{{c{n}}}", "items") or 0) for n in range(9))
