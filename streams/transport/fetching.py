"""The Kafka client, in a thread of its own: heartbeats go on while a batch is being folded."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import aiokafka
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    KafkaConnectionError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers.aiokafka import (
    AIOKafkaConsumerThread,
    credentials_to_aiokafka_auth,
    ensure_aiokafka_TP,
    server_list,
)

from streams.transport.batch import RecordBatch
from streams.transport.loops import new_event_loop

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Mapping

    from faust.types import TP

    from streams.transport.app import RecordBatchApp

_T = TypeVar("_T")

FETCHED_BYTES = 64 * 1024 * 1024
"""What all partitions together may have fetched and not handed over."""

LEAST_FETCH_BYTES = 1024 * 1024
"""A partition's share of it at least, so that any record of a default broker fits."""

RECONNECT_SECONDS = 1.0
"""Between two attempts to connect for the first time."""

CLAIM_SECONDS = 5.0
"""How long a group may take to answer a commit; the client itself would try for ever."""


class Fetched(NamedTuple):
    """What one look at the fetched data gave."""

    batches: list[RecordBatch]
    out_of_range: list[TP]


class Heard(NamedTuple):
    """The end of what may be read of a log, and when (epoch ms) that was heard."""

    end: int
    at: int


class LogBounds(NamedTuple):
    """The first position still in the log, and the one that the next record will have."""

    beginning: int
    end: int


class FetchThread(AIOKafkaConsumerThread):
    """Fetches, seeks and commits for `Consumer`, which calls it from its own loop."""

    app: RecordBatchApp
    _arrival: asyncio.Future[Any] | None = None
    _nudged = False

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, thread_loop=new_event_loop(), **options)
        self._close_thread_loop_on_stop = True  # as if mode had made it

    async def on_start(self) -> None:
        """Connect, and wait for a Kafka that is away; the watchdog says so."""
        while not self.should_stop:
            try:
                await super().on_start()
            except KafkaConnectionError:
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                break

    async def fetch(
        self, open_partitions: Collection[TP], room: dict[str, int], wait_seconds: float
    ) -> Fetched:
        """At most one batch a partition, and no more of a topic than it has `room` for."""
        self._nudged = False
        return await self._in_thread(self._fetch(open_partitions, room, wait_seconds))

    async def on_thread_stop(self) -> None:
        """Leave the group and disconnect."""
        # with the broker away, aiokafka's fetches pass their cancellation on to whoever stops them
        with contextlib.suppress(asyncio.CancelledError):
            await super().on_thread_stop()

    def nudge(self) -> None:
        """End the wait of a running `fetch`: what it was asked for is out of date."""
        self._nudged = True
        with contextlib.suppress(RuntimeError):  # after a crash the thread ends before the streams
            self.thread_loop.call_soon_threadsafe(self._end_wait)

    async def seek_all(self, positions: Mapping[TP, int]) -> None:
        """Fetch from these positions on; partitions that are no longer ours are left alone."""
        await self._in_thread(self._seek_all(positions))

    async def bounds(self, tps: Collection[TP]) -> dict[TP, LogBounds]:
        """The range of each partition's log. Raises KafkaError when the broker is away."""
        return await self._in_thread(self._bounds(tps))

    def heard(self, tp: TP) -> Heard | None:
        """What the broker last said of a partition; None: nothing yet, or it is not ours."""
        subscription = self._ensure_consumer()._subscription.subscription
        state = subscription and subscription.assignment and subscription.assignment.state_value(tp)
        at = state.timestamp if state else None  # is set last, so it is read first
        return Heard(state.lso, at) if state and at else None

    async def claim(self, tp: TP, position: int) -> bool:
        """Commit a position; False where the group does not take it from this member in time."""
        return await self._in_thread(self._claim(tp, position))

    async def _in_thread(self, call: Coroutine[Any, Any, _T]) -> _T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self.thread_loop))

    async def ended(self) -> None:
        """Wait until the thread, if there ever was one, is gone."""
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _stopped_set(self) -> None:
        try:
            super()._stopped_set()
        except RuntimeError:  # after a crash the thread and its loop have ended by themselves
            self._stopped.set()

    # what follows runs in the thread's own loop

    async def _fetch(
        self, open_partitions: Collection[TP], room: dict[str, int], wait_seconds: float
    ) -> Fetched:
        with self._ensure_consumer()._subscription.fetch_context():
            fetched = await self._take(open_partitions, room)
            if not any(fetched):
                await self._wait_for_data(wait_seconds)
                fetched = await self._take(open_partitions, room)
            return fetched

    async def _take(self, open_partitions: Collection[TP], room: dict[str, int]) -> Fetched:
        """Take what is there, without waiting: nothing can seek between two reads of a position."""
        consumer = self._ensure_consumer()
        fetched = Fetched([], [])
        if consumer._subscription.reassignment_in_progress:
            return fetched
        for tp in [tp for tp in consumer._fetcher._records if tp in open_partitions]:
            if room[tp.topic] > 0:
                _take_as_parsed(consumer._fetcher._records.get(tp))
                await self._take_partition(consumer, tp, fetched)
                room[tp.topic] -= 1
        return fetched

    async def _take_partition(self, consumer: Any, tp: TP, fetched: Fetched) -> None:
        state = consumer._subscription.subscription.assignment.state_value(tp)
        if state is None or not state.has_valid_position:
            return
        before = state.position
        try:
            taken = await consumer._fetcher.fetched_records([tp], 0, consumer._max_poll_records)
        except NoOffsetForPartitionError:
            return  # the client looked for a committed offset before it was told where to start
        except OffsetOutOfRangeError as error:
            if error.args[0].get(tp) == before:  # else it is about a position before a seek
                fetched.out_of_range.append(tp)
            return
        if state.position != before:
            records = taken.get(tp, [])
            fetched.batches.append(
                RecordBatch(tp.topic, tp.partition, before, state.position, records)
            )

    async def _wait_for_data(self, wait_seconds: float) -> None:
        self._arrival = self._ensure_consumer()._fetcher._create_fetch_waiter()
        if not self._nudged:  # it may have come before there was anything to end
            await asyncio.wait([self._arrival], timeout=wait_seconds)
        self._end_wait()

    def _end_wait(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _seek_all(self, positions: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        share = FETCHED_BYTES // max(1, len(consumer.assignment()))
        largest = self.app.conf.consumer_max_fetch_size
        consumer._fetcher._max_partition_fetch_bytes = min(largest, max(LEAST_FETCH_BYTES, share))
        for tp, position in positions.items():
            if tp in consumer.assignment():
                consumer.seek(ensure_aiokafka_TP(tp), position)

    async def _bounds(self, tps: Collection[TP]) -> dict[TP, LogBounds]:
        consumer = self._ensure_consumer()
        partitions = [ensure_aiokafka_TP(tp) for tp in tps]
        beginnings = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        return {tp: LogBounds(beginnings[tp], ends[tp]) for tp in tps}

    async def _claim(self, tp: TP, position: int) -> bool:
        consumer = self._ensure_consumer()
        if tp not in consumer.assignment():
            return False
        try:
            async with asyncio.timeout(CLAIM_SECONDS):
                await consumer.commit({ensure_aiokafka_TP(tp): OffsetAndMetadata(position, "")})
        except (CommitFailedError, TimeoutError):  # of an older generation; or nobody says yes
            return False
        return True

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit for lag displays; nothing resumes from here, so a failure is only said."""
        consumer = self._ensure_consumer()
        mine = {
            ensure_aiokafka_TP(tp): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
            if tp in consumer.assignment()
        }
        try:
            await consumer.commit(mine)
        except KafkaError as error:
            self.log.warning("Could not commit, will try again: %r", error)
            return False
        return True

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            bootstrap_servers=server_list(transport.url, transport.default_port),
            # partition 3 of every topic goes to one member, and so does all of a customer
            partition_assignment_strategy=[RangePartitionAssignor],
            enable_auto_commit=False,
            # a position that the log no longer has must be heard of, not skipped
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=_ms(conf.broker_max_poll_interval),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=self.app.fetch_max_wait_ms,
            request_timeout_ms=_ms(conf.broker_request_timeout),
            check_crcs=conf.broker_check_crcs,
            session_timeout_ms=_ms(conf.broker_session_timeout),
            rebalance_timeout_ms=_ms(conf.broker_rebalance_timeout),
            heartbeat_interval_ms=_ms(conf.broker_heartbeat_interval),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            connections_max_idle_ms=conf.consumer_connections_max_idle_ms,
            **credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )


def _take_as_parsed(held: Any) -> None:
    """Have a partition's fetched data give its records as they are parsed.

    They are all that a `Record` is; aiokafka would copy each into a dataclass, a seventh of a
    worker's time.
    """
    if isinstance(held, FetchResult) and held.has_more():
        held._partition_records._consumer_record = _parsed


def _parsed(_tp: Any, record: Any) -> Any:
    return record


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
