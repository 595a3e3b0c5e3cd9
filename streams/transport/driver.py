"""From the fetch to the stream: what replaces Faust's one-message-at-a-time consumer."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

from aiokafka.errors import ConsumerStoppedError
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from mode.utils.futures import notify

from streams.patience import Patience
from streams.transport.fetching import FetchThread, LogBounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.transport.app import RecordBatchApp
    from streams.transport.batch import RecordBatch

IDLE_WAIT_SECONDS = 1.0  # an upper bound only: data and room end the wait
BATCHES_HELD = 4  # as many records as that in all lanes: bounds memory, however many partitions
RECORD_BYTES = 512  # larger records count as several
NO_GENERATION = -1  # streams skip messages of another generation than the current one


class Consumer(driver.Consumer):
    """Hands over batches in the order of each partition's log, without a gap between two.

    `_expected` holds, for each partition that has been told where to start, the position at which
    its next batch has to begin. A batch that begins elsewhere was overtaken by a seek and is
    dropped; a partition that is not in it is not read until the app has said where to resume.
    """

    app: RecordBatchApp
    _thread: FetchThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._expected: dict[TP, int] = {}
        self._in_flight: WeakSet[ConsumerMessage] = WeakSet()
        self._in_lanes: WeakSet[ConsumerMessage] = WeakSet()
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> FetchThread:
        return FetchThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Fetch and deliver until the fetcher is stopped."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                if not self.flow_active:
                    await self.wait(self.can_resume_flow.wait())
                    continue
                await self._place()
                for batch in await self._fetch():
                    await self._deliver(batch)
        except (ConsumerStoppedError, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    # where to read

    async def perform_seek(self) -> None:
        """Forget all positions; Faust calls this wherever it would go to the committed offsets."""
        self._expected.clear()
        for message in self._in_flight:
            _disown(message)
        self._thread.nudge()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Forget all positions: the committed offset is for lag displays, nothing resumes there."""
        await self.perform_seek()
        return {}

    async def finish(self, wait_seconds: float) -> None:
        """Take up nothing more, and give the batches under work that long to be done."""
        self.stop_flow()
        for message in self._in_flight:
            if not message.tracked:  # no stream has taken it yet
                _disown(message)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds):
                while not all(message.acked for message in self._in_flight):
                    self._waiting_for_ack = asyncio.get_running_loop().create_future()
                    await self._waiting_for_ack

    async def ended(self) -> None:
        """Wait until the client's thread is gone; it calls into this loop to the last."""
        await self._thread.ended()

    async def bounds(self, tps: set[TP]) -> dict[TP, LogBounds]:
        """The range of each partition's log. Raises KafkaError when the broker is away."""
        return await self._thread.bounds(tps)

    def owns(self, tp: TP) -> bool:
        """Whether the partition is assigned to this member."""
        return tp in self._get_active_partitions()

    async def claim(self, tp: TP, position: int) -> bool:
        """Whether the group itself takes this member, which is done up to there, for the owner.

        A process that was frozen believes for a moment that it owns what others have taken over;
        the group refuses its commits.
        """
        placed = (self.positions() or {}).get(tp) is not None
        return placed and await self._thread.claim(tp, position)

    def delivered(self, tp: TP) -> int | None:
        """The position behind the last batch handed over; None while one waits or is worked on."""
        under_way = any(message.tp == tp and not message.acked for message in self._in_flight)
        return None if under_way else self._expected.get(tp)

    def has_more(self, tp: TP, since: float) -> bool:
        """Whether more of a partition is on its way, or may be, heard of before `since`.

        Epoch ms, by this machine's clock. No for a partition that was not told where to start, and
        for one that is no longer ours: a batch that outlived a rebalance may have told it.
        """
        expected = self._expected.get(tp)
        if expected is None or not self.owns(tp):
            return False
        heard = self._thread.heard(tp)
        at_end = heard is not None and heard.at >= since and expected >= heard.end
        return not at_end or self.delivered(tp) is None

    def heard_at(self, tp: TP) -> float:
        """When the broker last answered about a partition, epoch ms; 0: never."""
        heard = self._thread.heard(tp)
        return 0.0 if heard is None else heard.at

    def hold(self, message: ConsumerMessage) -> None:
        """Count a batch as held by its lane until it is done with or dropped."""
        self._in_lanes.add(message)

    def wants(self, message: ConsumerMessage) -> bool:
        """Tell whether a batch that waited may be begun: no seek, rebalance or stop overtook it."""
        return self.flow_active and not message.acked

    def done(self, messages: Iterable[ConsumerMessage]) -> None:
        """Count batches as done with; there is room for more."""
        for message in messages:
            message.ack(self)
        self._thread.nudge()

    def drop(self, message: ConsumerMessage) -> None:
        """Forget a batch that nobody will begin."""
        _disown(message)
        notify(self._waiting_for_ack)

    def positions(self) -> dict[TP, int | None] | None:
        """How far each partition is done, None where it was not told where to start.

        None outside the group.
        """
        if self.app.rebalancing or not self.app.consumer_generation_id:
            return None
        done = {tp: self._expected.get(tp) for tp in self._get_active_partitions()}
        for message in self._in_flight:
            placed = done.get(message.tp)
            if placed is not None and not message.acked:
                done[message.tp] = min(placed, cast("RecordBatch", message.value).from_position)
        return done

    async def seek(self, partition: TP, offset: int) -> None:
        """Read on from `offset`; what is in flight for this partition is dropped."""
        tp = ensure_TP(partition)
        self._move(tp, offset)
        await self._thread.seek_all({tp: offset})

    def _move(self, tp: TP, position: int) -> None:
        self._expected[tp] = position
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        for message in self._in_flight:
            if message.tp == tp:
                _disown(message)

    async def _place(self) -> None:
        """Put the partitions that have no position where the app says that it stands."""
        unplaced = self._get_active_partitions() - self._expected.keys()
        if not unplaced:
            return
        generation = self.app.consumer_generation_id
        positions = await self._positions(unplaced)
        if generation == self.app.consumer_generation_id:  # else a rebalance came in between
            for tp, position in positions.items():
                self._move(tp, position)
            await self._thread.seek_all(positions)

    async def _positions(self, tps: set[TP]) -> dict[TP, int]:
        patience = Patience(self.app.outages)
        wanted = await patience.insist(lambda: self.app.resume_positions(tps))
        bounds = await patience.insist(lambda: self.bounds(tps))
        return {
            tp: await patience.insist(partial(self._within, tp, wanted.get(tp), bounds[tp]))
            for tp in tps
        }

    async def _within(self, tp: TP, wanted: int | None, bounds: LogBounds) -> int:
        if wanted is None:
            return bounds.beginning
        if bounds.beginning <= wanted <= bounds.end:
            return wanted
        return await self.app.on_out_of_range(tp, wanted, bounds.beginning, bounds.end)

    # what to read, and whom it is for

    async def _fetch(self) -> Iterable[RecordBatch]:
        placed = self._get_active_partitions() & self._expected.keys()
        open_partitions = placed - self._full()
        fetched = await self._thread.fetch(open_partitions, self._room(), IDLE_WAIT_SECONDS)
        for tp in fetched.out_of_range:  # the log was cut under us: ask where to go on
            self._expected.pop(tp, None)
        return fetched.batches

    def _room(self) -> dict[str, int]:
        """Free places in each topic's queue. A full one is not fetched for and so blocks nobody."""
        room: dict[str, int] = {}
        for channel in self.app.topics:
            free = channel.queue.maxsize - channel.queue.qsize()
            for topic in channel.topics:
                room[topic] = min(free, room.get(topic, free))
        return room

    def _full(self) -> set[TP]:
        """Partitions whose lanes hold what they may, under work or waiting: as much as a batch.

        Nothing more where all together hold enough.
        """
        held: Counter[TP] = Counter()
        for message in self._in_lanes:
            if not message.acked:
                held[message.tp] += message.serialized_value_size  # its weight, see `_to_message`
        limit = self.app.conf.broker_max_poll_records
        if held.total() >= BATCHES_HELD * limit:
            limit = 1
        return {tp for tp, weight in held.items() if weight >= limit}

    async def _deliver(self, batch: RecordBatch) -> None:
        if not self.flow_active:
            return  # the app stops or rebalances; positions are asked for anew after that
        expected = self._expected.get(batch.tp)
        if batch.from_position != expected:  # overtaken by a seek, or by a new assignment
            if expected is not None:
                await self._thread.seek_all({batch.tp: expected})
            return
        self._expected[batch.tp] = batch.next_position
        message = self._to_message(batch.tp, batch)
        self._in_flight.add(message)
        await self.wait_first(self.callback(message), self.suspend_flow.wait())

    def _to_message(self, tp: TP, batch: RecordBatch) -> ConsumerMessage:
        last = batch.records[-1] if batch.records else None
        return ConsumerMessage(
            topic=batch.topic,
            partition=batch.partition,
            # so that the committed offset, one more, is next_position even where the log ends in
            # markers that are no records
            offset=batch.next_position - 1,
            timestamp=last.timestamp / 1000 if last else 0.0,
            timestamp_type=last.timestamp_type if last else 0,
            headers=None,
            key=None,
            value=batch,  # type: ignore[arg-type] # Faust expects one record's bytes
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=_weight(batch),
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing to do: `_room` is asked before every fetch."""

    def on_buffer_drop(self, tp: TP) -> None:
        """A stream has caught up: look again what to fetch."""
        self._thread.nudge()

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Say nothing: Faust guesses from single messages, which do not exist here.

        It would call busy partitions stuck, over and over; the watchdog looks at progress.
        """

    # how far it has been read, for lag displays

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        position = max(acked) + 1
        acked.clear()
        self._acked_index[tp].clear()
        return position

    def _should_commit(self, tp: TP, offset: int) -> bool:
        return True  # `_new_offset` has already said that there is something new

    async def _commit_offsets(self, offsets: Mapping[TP, int], *args: Any, **kwargs: Any) -> bool:
        committed = await super()._commit_offsets(offsets, *args, **kwargs)
        for tp in offsets:  # else Faust would ignore what is done again after a seek back
            self._committed_offset[tp] = None
        return committed

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        committed: bool = await super()._commit(offsets)
        if not committed:
            for tp, offset in offsets.items():
                self._acked[tp].append(offset - 1)
        return committed


class Producer(driver.Producer):
    """Faust's own, which nothing is sent through; it waits for a Kafka that is away."""

    app: RecordBatchApp

    async def on_start(self) -> None:
        """Connect."""
        await Patience(self.app.outages).insist(super().on_start)


class Transport(driver.Transport):
    """Broker URLs `portrait://host:port`; several hosts: `portrait://a:9092;portrait://b:9092`."""

    Consumer = Consumer
    Producer = Producer


def _weight(batch: RecordBatch) -> int:
    """Return how many records a batch counts as, where memory is bounded."""
    records = batch.records
    size = sum([len(record.value or b"") + len(record.key or b"") for record in records])
    headers = [header for record in records if record.headers for header in record.headers]
    size += sum([len(name) + len(value or b"") for name, value in headers])
    return max(len(batch), size // RECORD_BYTES)


def _disown(message: ConsumerMessage) -> None:
    """Make streams skip a message that waits, and no one count it when it is done with."""
    message.generation_id = NO_GENERATION
    message.acked = True
