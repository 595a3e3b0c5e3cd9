"""SIGTERM ends a process within ten seconds, whatever is away, and loses nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from streams.embedded import EmbeddedBroker, EmbeddedRedis
from streams.run.stack import create_topics
from streams.stack import RedisNode
from tests.operations.process import START_SECONDS, Process, Stored, expected, send, until


class World:
    """Embedded servers that can go away, and processes that use them."""

    def __init__(self, directory: Path) -> None:
        self.broker, self.redis = EmbeddedBroker(), EmbeddedRedis()
        self._parts = ExitStack()
        self._parts.callback(self.redis.close)
        self._parts.callback(self.broker.close)
        self._directory = directory
        self._started = 0
        self.stored = Stored(self.redis.url)
        create_topics(self.broker.bootstrap)

    def start(self, role: str, **others: str) -> Process:
        settings = {
            "kafka": self.broker.bootstrap,
            "redis_url": self.redis.url,
            "epoch": self.broker.epoch,
            "session_timeout_seconds": "2",
            "health_port": "0",
        }
        self._started += 1
        output = self._directory / f"{role}-{self._started}"
        return self._parts.enter_context(Process(role, output, settings | others))

    def send(self, first: int, count: int) -> None:
        send(self.broker.bootstrap, first, count)

    def close(self) -> None:
        self._parts.close()


@pytest.fixture
def world(redis_server: object, tmp_path: Path) -> Iterator[World]:
    """Without a Redis to embed, skipped."""
    world = World(tmp_path)
    yield world
    world.close()


def test_a_worker_under_load_finishes_what_it_has_and_the_next_goes_on(world: World) -> None:
    worker = world.start("worker")
    world.send(0, 5_000)
    until(lambda: world.stored.events() > 0)
    assert worker.end() == 0
    assert worker.lines("left without finishing") == []
    following = world.start("worker")
    until(lambda: bool(following.lines("resumed")) and world.stored.events() == 5_000)
    assert following.end() == 0
    assert world.stored.lines() == expected(5_000)


def test_a_broker_that_goes_away_while_a_worker_starts_is_waited_for(
    world: World, tmp_path: Path
) -> None:
    redis = RedisNode(tmp_path / "late")
    worker = world.start("worker", redis_url=redis.url)
    until(lambda: bool(worker.lines("redis away")))  # the broker has answered by then
    world.broker.close()
    with redis:
        until(lambda: bool(worker.lines("kafka away")))
        assert worker.end() == 0
    assert worker.lines("left without finishing") == []


@pytest.mark.parametrize("role", ["worker", "learner"])
def test_with_the_broker_away_it_ends_without_it(world: World, role: str) -> None:
    process = world.start(role)
    until(process.ready)
    world.send(0, 100)
    if role == "worker":
        until(lambda: world.stored.events() == 100)
    world.broker.close()
    until(lambda: bool(process.lines("kafka away")))
    assert process.end() == 0
    assert len(process.text()) < 12  # not a line a second


def test_with_redis_frozen_under_a_batch_it_ends_and_loses_nothing(world: World) -> None:
    worker = world.start("worker")
    world.send(0, 100)
    until(lambda: world.stored.events() == 100)
    os.kill(world.redis.pid, signal.SIGSTOP)
    try:
        world.send(100, 100)
        until(lambda: bool(worker.lines("redis away")))
        assert worker.end() == 0
    finally:
        os.kill(world.redis.pid, signal.SIGCONT)
    assert len(worker.lines("redis")) == 1
    following = world.start("worker")
    until(lambda: bool(following.lines("resumed")) and world.stored.events() == 200)
    assert following.end() == 0
    assert world.stored.lines() == expected(200)


def test_a_worker_with_another_half_life_ends_before_it_reads_anything(world: World) -> None:
    """Also where the events to come are of customers that nobody has stored yet."""
    worker = world.start("worker")
    world.send(0, 10)
    until(lambda: world.stored.events() == 10)
    assert worker.end() == 0
    marks = world.stored.marks()
    world.send(50, 10)
    other = world.start("worker", taste_half_life_days="7")
    assert other.process.wait(START_SECONDS) == 1
    assert "PORTRAIT_TASTE_HALF_LIFE_DAYS=30, and it is 7 here" in "\n".join(other.text())
    assert world.stored.marks() == marks
    assert world.stored.lines() == expected(10)
