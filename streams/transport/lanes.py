"""Partitions side by side: one folds while the others wait for Redis or Kafka."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from streams.transport.alignment import NO_LIMIT, Alignment
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
    gains from folding more of a customer's events at once. With an `alignment` it takes no more
    than it is given leave to.
    """

    def __init__(
        self,
        tp: TP,
        consumer: Consumer,
        process: Process,
        max_records: int,
        alignment: Alignment | None = None,
    ) -> None:
        self.tp = tp
        self.reached = -math.inf  # when what was processed last was logged, epoch ms
        self.handed_over = 0  # records, so far
        self.heard_at = -math.inf  # when the last batch came from the broker, epoch ms
        self._consumer = consumer
        self._process = process
        self._max_records = max_records
        self._alignment = alignment
        if alignment is not None:
            alignment.add(self)
        self._waiting: deque[tuple[ConsumerMessage, RecordBatch]] = deque()  # with what is left
        self._under_work: RecordBatch | None = None
        self._arrived = asyncio.Event()

    def put(self, message: ConsumerMessage) -> None:
        """Queue a batch; how many there are, the consumer bounds."""
        self._consumer.hold(message)
        batch = cast("RecordBatch", message.value)
        self._waiting.append((message, batch))
        self.handed_over += len(batch)
        self._arrived.set()
        if self._alignment is not None:
            self.heard_at = self._consumer.heard_at(self.tp)
            self._alignment.arrived(self.tp)

    async def run(self) -> None:
        """Process what comes until cancelled; what `process` raises is raised."""
        while True:
            await self._arrived.wait()
            await self._process_next(await self._turn())
            if not self._waiting:
                self._arrived.clear()

    def head(self) -> float | None:
        """Return when the first record not yet processed was logged, epoch ms; None: there is none.

        What a seek or a stop has overtaken is dropped.
        """
        if self._under_work is not None:
            return _logged_at(self._under_work)
        while self._waiting:
            message, batch = self._waiting[0]
            if self._consumer.wants(message):
                return _logged_at(batch)
            self._waiting.popleft()
            self._consumer.drop(message)
        return None

    def reach(self, records: int) -> float:
        """Return when the last of the first so many waiting records was logged, epoch ms."""
        until = -math.inf
        for _, batch in self._waiting:
            part = min(len(batch), records)
            until = batch.records[part - 1].timestamp if part else until
            records -= part
        return until

    async def _turn(self) -> float:
        if self._alignment is None:
            return NO_LIMIT
        return await self._alignment.turn(self, self._consumer)

    async def _process_next(self, until: float) -> None:
        batches, finished = self._take(until)
        if not batches:
            return
        batch = self._under_work = RecordBatch.joined(batches)
        await self._process(batch)
        self._under_work = None
        if batch.records:
            self.reached = batch.records[-1].timestamp
        self._consumer.done(finished)
        if self._alignment is not None:
            self._alignment.changed(self.tp.partition)

    def _take(self, until: float) -> tuple[list[RecordBatch], list[ConsumerMessage]]:
        """Take what is to be one batch, and the messages that it is the end of."""
        taken: list[RecordBatch] = []
        finished: list[ConsumerMessage] = []
        records = 0
        while self.head() is not None:
            message, batch = self._waiting[0]
            if taken and not (
                records + len(batch) <= self._max_records and batch.follows(taken[-1])
            ):
                break
            part, rest = batch.cut(_leading(batch, until))
            if part is not None:
                taken.append(part)
                records += len(part)
            if rest is not None:
                self._waiting[0] = message, rest
                break
            self._waiting.popleft()
            finished.append(message)
        return taken, finished


async def follow(
    app: RecordBatchApp,
    stream: StreamT[Any],
    process: Process,
    max_records: int,
    alignment: Alignment | None = None,
) -> None:
    """Carry a stream's batches to `process`: each partition's in order, partitions side by side.

    A batch counts as done when `process` returns. The first error of a partition ends all of them
    and is raised. Streams that share an `alignment` keep in step.
    """
    lanes: dict[TP, Lane] = {}
    tasks: list[asyncio.Task[None]] = []
    try:
        async with asyncio.TaskGroup() as group:
            async for event in cast("Any", stream).noack().events():
                message = cast("ConsumerMessage", event.message)
                if message.tp not in lanes:
                    consumer = cast("Consumer", app.consumer)
                    lane = Lane(message.tp, consumer, process, max_records, alignment)
                    lanes[message.tp] = lane
                    tasks.append(group.create_task(lane.run()))
                lanes[message.tp].put(message)
            for task in tasks:  # the stream has ended: so do its lanes
                task.cancel()
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from None


def _logged_at(batch: RecordBatch) -> float:
    """Return when a batch begins; one without records is at nobody's way."""
    return batch.records[0].timestamp if batch.records else -math.inf


def _leading(batch: RecordBatch, until: float) -> int:
    """Return how many of the first records were logged until then (epoch ms)."""
    records = batch.records
    if not records or records[-1].timestamp <= until:
        return len(records)
    late = (index for index, record in enumerate(records) if record.timestamp > until)
    return next(late, len(records))
