"""Partitions side by side: one folds while the others wait for Redis or Kafka."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from streams.transport.alignment import NO_LIMIT, Alignment
from streams.transport.batch import RecordBatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faust.types import TP, ConsumerMessage, StreamT

    from streams.transport.app import RecordBatchApp
    from streams.transport.driver import Consumer

    Process = Callable[[RecordBatch], Awaitable[None]]


class Held(NamedTuple):
    """A message that waits, what is left of its batch, and when it came from the broker (ms)."""

    message: ConsumerMessage
    batch: RecordBatch
    heard_at: float

    @property
    def logged_at(self) -> float:
        """When the first record was logged, epoch ms; no later than it came from the broker.

        Producers' clocks may say so, and would have it wait for the others. A batch without records
        is in nobody's way.
        """
        records = self.batch.records
        return min(records[0].timestamp, self.heard_at) if records else -math.inf


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
        self.heard_at = math.inf  # when the last batch came from the broker, epoch ms
        self._consumer = consumer
        self._process = process
        self._max_records = max_records
        self._alignment = alignment
        if alignment is not None:
            alignment.add(self)
        self._waiting: deque[Held] = deque()
        self._under_work: float | None = None  # when that was logged, epoch ms
        self._arrived = asyncio.Event()

    def put(self, message: ConsumerMessage) -> None:
        """Queue a batch; how many there are, the consumer bounds."""
        self._consumer.hold(message)
        batch = cast("RecordBatch", message.value)
        if self._alignment is not None:
            self.heard_at = self._consumer.heard_at(self.tp)
            self._alignment.stirred(self.tp)
        self._waiting.append(Held(message, batch, self.heard_at))
        self._arrived.set()

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
            return self._under_work
        while self._waiting:
            held = self._waiting[0]
            if self._consumer.wants(held.message):
                return held.logged_at
            self._waiting.popleft()
            self._consumer.drop(held.message)
        return None

    def reach(self, records: int) -> float:
        """Return when the last of the first so many waiting records was logged, epoch ms."""
        until = -math.inf
        for held in self._waiting:
            part = min(len(held.batch), records)
            until = held.batch.records[part - 1].timestamp if part else until
            records -= part
        return until

    async def _turn(self) -> float:
        if self._alignment is None:
            return NO_LIMIT
        return await self._alignment.turn(self, self._consumer)

    async def _process_next(self, until: float) -> None:
        logged_at = self.head()
        batches, finished = self._take(until)
        if not batches:
            return
        batch = RecordBatch.joined(batches)
        self._under_work = logged_at
        try:
            await self._process(batch)
        finally:
            self._under_work = None
        if batch.records:
            self.reached = batch.records[-1].timestamp
        if self._waiting:  # so far is its message done
            message = self._waiting[0].message
            message.value = self._waiting[0].batch  # type: ignore[assignment] # as the driver's
        self._consumer.done(finished)
        if self._alignment is not None:
            self._alignment.worked(self.tp, len(batch))

    def _take(self, until: float) -> tuple[list[RecordBatch], list[ConsumerMessage]]:
        """Take what is to be one batch, and the messages that it is the end of."""
        taken: list[RecordBatch] = []
        finished: list[ConsumerMessage] = []
        records = 0
        while self.head() is not None:
            message, batch, heard_at = self._waiting[0]
            fits = records + len(batch) <= self._max_records
            if taken and not (fits and batch.follows(taken[-1])):
                break
            # whoever has a turn takes something, in whatever order producers' clocks put it
            part, rest = batch.cut(max(_leading(self._waiting[0], until), 0 if taken else 1))
            if part is not None:
                taken.append(part)
                records += len(part)
            if rest is not None:
                self._waiting[0] = Held(message, rest, heard_at)
                break
            self._waiting.popleft()
            finished.append(message)
        return taken, finished


async def follow(
    app: RecordBatchApp,
    stream: StreamT[Any],
    process: Process,
    max_records: int,
) -> None:
    """Carry a stream's batches to `process`: each partition's in order, partitions side by side.

    A batch counts as done when `process` returns. The first error of a partition ends all of them
    and is raised. The streams of an app with an `alignment` keep in step.
    """
    lanes: dict[TP, Lane] = {}
    tasks: list[asyncio.Task[None]] = []
    try:
        async with asyncio.TaskGroup() as group:
            async for event in cast("Any", stream).noack().events():
                message = cast("ConsumerMessage", event.message)
                if message.tp not in lanes:
                    consumer = cast("Consumer", app.consumer)
                    lane = Lane(message.tp, consumer, process, max_records, app.alignment)
                    lanes[message.tp] = lane
                    tasks.append(group.create_task(lane.run()))
                lanes[message.tp].put(message)
            for task in tasks:  # the stream has ended: so do its lanes
                task.cancel()
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from None
    finally:
        if app.alignment is not None:
            app.alignment.remove(lanes)


def _leading(held: Held, until: float) -> int:
    """Return how many of the first records were logged until then (epoch ms).

    All of them, where they came from the broker by then: whatever a producer's clock says, which
    would have those of one that is ahead taken one by one.
    """
    records = held.batch.records
    if not records or min(records[-1].timestamp, held.heard_at) <= until:
        return len(records)
    late = (index for index, record in enumerate(records) if record.timestamp > until)
    return next(late, len(records))
