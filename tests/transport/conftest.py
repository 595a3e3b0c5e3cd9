"""A broker for all transport tests, and what they share to fill it and to read it back."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict
from typing import Any

import confluent_kafka
import pytest

from streams.embedded import EmbeddedBroker
from streams.transport import RecordBatch, batch_topic, record_batch_app, serve

WAIT_SECONDS = 120  # a bound, not an expectation
names = itertools.count()


class Log:
    """One topic of the broker, and the consumer group that reads it."""

    def __init__(self, bootstrap: str, topic: str = "") -> None:
        self.bootstrap = bootstrap
        self.topic = topic or f"events.test{next(names)}"
        self.group = f"group-{next(names)}"
        # the broker may end before it, about which it would complain
        self._producer = confluent_kafka.Producer({"bootstrap.servers": bootstrap, "log_level": 0})

    def fill(self, count: int, partition: int = 0, size: int = 0, headers: Any = ()) -> None:
        """Append records whose values are their numbers, padded to `size` bytes."""
        where = {"key": b"k", "partition": partition, "headers": list(headers)}
        for number in range(count):
            self._producer.produce(self.topic, str(number).ljust(size).encode(), **where)
            self._producer.poll(0)
        assert self._producer.flush(WAIT_SECONDS) == 0

    def committed(self, partition: int = 0) -> int:
        with self.client() as client:
            place = confluent_kafka.TopicPartition(self.topic, partition)
            return client.committed([place], timeout=WAIT_SECONDS)[0].offset

    def bounds(self, partition: int = 0) -> tuple[int, int]:
        with self.client() as client:
            place = confluent_kafka.TopicPartition(self.topic, partition)
            return client.get_watermark_offsets(place, timeout=WAIT_SECONDS)

    @contextlib.contextmanager
    def client(self):
        client = confluent_kafka.Consumer(
            {"bootstrap.servers": self.bootstrap, "group.id": self.group}
        )
        try:
            yield client
        finally:
            client.close()

    def app(self, resume=None, *hooks, **settings):
        async def from_the_beginning(tps):
            return {}

        return record_batch_app(
            self.group, [self.bootstrap], resume or from_the_beginning, *hooks, **settings
        )


class Seen:
    """What an agent got, and a way to wait for it."""

    def __init__(self) -> None:
        self.batches: list[RecordBatch] = []
        self._more = asyncio.Condition()

    async def add(self, batch: RecordBatch) -> None:
        async with self._more:
            self.batches.append(batch)
            self._more.notify_all()

    async def until(self, enough) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self._more:
            await self._more.wait_for(lambda: enough(self.batches))

    async def until_position(self, position: int, partition: int = 0) -> None:
        await self.until(
            lambda batches: any(
                b.partition == partition and b.next_position == position for b in batches
            )
        )

    def offsets(self) -> dict[int, list[int]]:
        offsets = defaultdict(list)
        for batch in self.batches:
            offsets[batch.partition].extend(record.offset for record in batch)
        return dict(offsets)


def collect(app, topic: str) -> Seen:
    """Give the app an agent that only collects."""
    seen = Seen()

    @app.agent(batch_topic(app, topic), name=f"collect-{topic}")
    async def agent(stream):
        async for batch in stream:
            await seen.add(batch)

    return seen


@contextlib.asynccontextmanager
async def running(*apps):
    """Run the apps as long as the block, and stop them as a signal would."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(*apps, stop=stop))
    try:
        yield task
    finally:
        stop.set()
        async with asyncio.timeout(WAIT_SECONDS):
            await task


@pytest.fixture(scope="session")
def broker():
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def log(broker):
    return Log(broker.bootstrap)
