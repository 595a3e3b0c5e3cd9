"""A journey on servers: a worker and a learner of its own, and what is sent to them."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from profiles.keyspace import Partition, model_key
from profiles.settings import Settings
from profiles.stores.client import connect, connect_sync, store_of
from schemas.examples import PARTITION as EXAMPLES_PARTITION
from schemas.topics import EXAMPLES, KINDS, event_topic
from streams.embedded.broker import PARTITIONS
from streams.outbox import producer_settings
from streams.run.accounts import count, export, model_cards
from streams.run.processes import Processes
from tests.journey.command import Run
from tests.journey.letters import dead_letters, each_once, reasons
from tests.journey.records import Record

WAIT_SECONDS = 180  # a bound, not an expectation
POLL_SECONDS = 0.02
PIECE = 5_000
"""Records sent before the last ones are waited for: the embedded broker keeps 5 MiB a partition."""

SOURCES = [Partition(kind, number) for kind in KINDS for number in range(PARTITIONS)]


def on_servers(
    settings: Settings, directory: Path, records: Sequence[Record], kills: Sequence[str] = ()
) -> Run:
    """Send all records; after each piece of them, `kill -9` one of `kills` while it works on it."""
    with Processes(settings, directory) as processes:
        journey = Journey(settings, processes)
        for number, start in enumerate(range(0, len(records), PIECE)):
            role = kills[number] if number < len(kills) else None
            reached = journey.reached(role) if role else 0
            journey.send(records[start : start + PIECE])
            if role:
                journey.until(lambda role=role, reached=reached: journey.reached(role) > reached)
                journey.kill(role)
            journey.until(journey.has_room)
        journey.until(journey.done)
        return journey.result(directory / "profiles.ndjson")


class Journey:
    """What was sent, and how far worker and learner have come with it."""

    def __init__(self, settings: Settings, processes: Processes) -> None:
        self.sent = 0
        self._settings = settings
        self._processes = processes
        self._redis: Any = connect_sync(settings.redis_url)
        self._producer: Any = Producer(producer_settings(settings.brokers))
        self._consumer: Any = Consumer(
            {"bootstrap.servers": settings.kafka, "group.id": "test", "log_level": 2}
        )

    def send(self, records: Sequence[Record]) -> None:
        """Send, and return when Kafka has all of them."""
        for kind, key, value, headers in records:
            topic = event_topic(kind, self._settings.topic_prefix)
            number = Record(kind, key, value).partition
            self._producer.produce(topic, value, key, number, headers=headers)
        assert self._producer.flush(WAIT_SECONDS) == 0
        self.sent += len(records)

    def stored(self) -> int:
        """Events behind the worker's resume marks."""
        return asyncio.run(self._stored())

    async def _stored(self) -> int:
        async with connect(self._settings.redis_url) as client:
            store = store_of(client)
            footings = [await store.footing(source) for source in SOURCES]
        return sum(footing.mark.position for footing in footings if footing.mark)

    def learnt(self) -> int:
        """Examples behind the learner's newest snapshot."""
        return int(self._redis.hget(model_key("churn"), "position") or 0)

    def asked(self) -> int:
        """Examples that the worker has sent."""
        topic = self._settings.topic_prefix + EXAMPLES
        place = TopicPartition(topic, EXAMPLES_PARTITION)
        end: int = self._consumer.get_watermark_offsets(place, timeout=WAIT_SECONDS)[1]
        return end

    def reached(self, role: str) -> int:
        return self.stored() if role == "worker" else self.learnt()

    def has_room(self) -> bool:
        return self.sent - self.stored() <= PIECE and self.asked() - self.learnt() <= PIECE

    def done(self) -> bool:
        return self.stored() == self.sent and self.learnt() == self.asked()

    def until(self, there: Callable[[], bool]) -> None:
        """Wait until it holds; who was killed is started again meanwhile."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not there():
            assert time.monotonic() < deadline, (self.stored(), self.sent, self.learnt())
            self._processes.check()
            time.sleep(POLL_SECONDS)

    def kill(self, role: str) -> None:
        """Kill a process and wait until another one is in its place."""
        before = dict(self._processes.restarts)
        os.kill(self._processes.pid(role), signal.SIGKILL)
        self.until(lambda: self._processes.restarts != before)

    def result(self, path: Path) -> Run:
        """Read everything back."""
        url = self._settings.redis_url
        accounts = asyncio.run(count(url))
        letters = list(dead_letters(self._settings.kafka, self._settings.topic_prefix))
        asyncio.run(export(url, path))
        profiles = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        rejected = each_once(letters)
        summary = {
            "events_read": self.sent,
            "accepted": accounts.accepted,
            "duplicates": accounts.duplicates,
            "rejected": len(rejected),
            "rejected_by_reason": reasons(rejected),
            "customers": accounts.customers,
            "restarts": self._processes.restarts,
            "models": asyncio.run(model_cards(url)),
        }
        return Run(summary, {each.pop("customer_id"): each for each in profiles}, letters)
