"""One worker, three, one again while events stream: every event counts once, by whomever."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient

from schemas.topics import KINDS
from streams.topics import create_missing
from tests.operations.process import Process, Stored, expected, send, until

PARTITIONS = 6
SET, PAUSE_SECONDS = 200, 0.1  # events sent at once, and the rest after them
TAKEOVER_SECONDS = 10 + 5  # the session's timeout, and what is promised beyond it


class Stream:
    """Events sent at a steady pace until the end of the `with` block."""

    def __init__(self, brokers: str, prefix: str) -> None:
        self.sent = 0
        self._where = brokers, prefix
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            send(self._where[0], self.sent, SET, self._where[1])
            self.sent += SET

    def __enter__(self) -> "Stream":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()


class Group:
    """The workers of one consumer group, each with its own log."""

    def __init__(self, settings: dict[str, str], directory: Path) -> None:
        self._settings = settings
        self._directory = directory
        self._admin = AdminClient({"bootstrap.servers": settings["kafka"], "log_level": 0})
        self._name = settings["topic_prefix"] + "portrait"
        self._workers = 0

    def start(self) -> Process:
        self._workers += 1
        return Process("worker", self._directory / f"worker-{self._workers}", self._settings)

    def shares(self) -> list[int]:
        """How many partitions each member has; empty while they are being moved."""
        asked = self._admin.describe_consumer_groups([self._name])
        group = asked[self._name].result()
        if group.state != ConsumerGroupState.STABLE:
            return []
        return sorted(len(member.assignment.topic_partitions) for member in group.members)


@pytest.fixture(params=["redis", "cluster"])
def store_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def group(kafka: str, topic_prefix: str, store_url: str, tmp_path: Path) -> Group:
    create_missing(kafka, topic_prefix, PARTITIONS)
    settings = {
        "kafka": kafka,
        "redis_url": store_url,
        "topic_prefix": topic_prefix,
        "refresh_seconds": "0",
    }
    return Group(settings, tmp_path)


def test_partitions_move_between_workers_and_nothing_is_lost_or_doubled(
    group: Group, kafka: str, topic_prefix: str, store_url: str
) -> None:
    stored = Stored(store_url, PARTITIONS)
    share = PARTITIONS // 3 * len(KINDS)
    with ExitStack() as workers, Stream(kafka, topic_prefix) as stream:
        one = workers.enter_context(group.start())
        until(lambda: all(stored.marks()))
        two, three = (workers.enter_context(group.start()) for _ in range(2))
        until(lambda: group.shares() == [share] * 3)
        reached = stored.marks()
        until(lambda: all(map(int.__gt__, stored.marks(), reached)))

        two.kill()
        until(lambda: len(group.shares()) == 2, TAKEOVER_SECONDS)
        assert sum(group.shares()) == 3 * share
        assert one.end() == 0
        until(lambda: group.shares() == [3 * share])
        reached = stored.marks()
        until(lambda: all(map(int.__gt__, stored.marks(), reached)))
    with group.start() as last:  # to the end of the log
        until(lambda: bool(last.lines("resumed")) and stored.events() == stream.sent)
        assert last.end() == 0
    assert stored.lines() == expected(stream.sent)
    assert stored.duplicates() == 0
    assert three.lines("store moved") == []
