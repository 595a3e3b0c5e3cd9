"""Partitions side by side: one folds while the others wait for Redis or Kafka."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from streams.transport.batch import RecordBatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faust.types import TP, ConsumerMessage, StreamT

    from streams.transport.app import RecordBatchApp
    from streams.transport.driver import Consumer

    Process = Callable[[RecordBatch], Awaitable[None]]


class Lane:
    """The batches of one partition, in order and one at a time.

    What gathers while a batch is under work becomes the next batch in one piece, up to
    `max_records`: batches are small when events are few, and large when the worker is behind and
    gains from folding more of a customer's events at once.
    """

    def __init__(self, consumer: Consumer, process: Process, max_records: int) -> None:
        self._consumer = consumer
        self._process = process
        self._max_records = max_records
        self._waiting: deque[ConsumerMessage] = deque()
        self._arrived = asyncio.Event()

    def put(self, message: ConsumerMessage) -> None:
        """Queue a batch; how many there are, the consumer bounds."""
        self._consumer.hold(message)
        self._waiting.append(message)
        self._arrived.set()

    async def run(self) -> None:
        """Process what comes until cancelled; what `process` raises is raised."""
        while True:
            await self._arrived.wait()
            messages = self._take()
            if messages:
                await self._process(RecordBatch.joined([_batch(each) for each in messages]))
                self._consumer.done(messages)
            if not self._waiting:
                self._arrived.clear()

    def _take(self) -> list[ConsumerMessage]:
        """Take what is to be one batch; what a seek or a stop has overtaken is dropped."""
        taken: list[ConsumerMessage] = []
        records = 0
        while self._waiting:
            batch = _batch(self._waiting[0])
            records += len(batch)
            if taken and (records > self._max_records or not batch.follows(_batch(taken[-1]))):
                break
            message = self._waiting.popleft()
            if self._consumer.wants(message):
                taken.append(message)
            else:
                self._consumer.drop(message)
        return taken


async def follow(
    app: RecordBatchApp, stream: StreamT[Any], process: Process, max_records: int
) -> None:
    """Carry a stream's batches to `process`: each partition's in order, partitions side by side.

    A batch counts as done when `process` returns. The first error of a partition ends all of them
    and is raised.
    """
    lanes: dict[TP, Lane] = {}
    tasks: list[asyncio.Task[None]] = []
    try:
        async with asyncio.TaskGroup() as group:
            async for event in cast("Any", stream).noack().events():
                message = cast("ConsumerMessage", event.message)
                if message.tp not in lanes:
                    consumer = cast("Consumer", app.consumer)
                    lanes[message.tp] = Lane(consumer, process, max_records)
                    tasks.append(group.create_task(lanes[message.tp].run()))
                lanes[message.tp].put(message)
            for task in tasks:  # the stream has ended: so do its lanes
                task.cancel()
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from None


def _batch(message: ConsumerMessage) -> RecordBatch:
    return cast("RecordBatch", message.value)
