"""The Faust app that worker and learner share: its settings, its hooks, its topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faust
from faust.tables import TableManager
from mode import CrashingSupervisor

from streams.patience import Outages
from streams.transport.driver import Transport
from streams.transport.errors import InsecureCredentialsError, PositionOutOfRangeError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from faust.types import TP, TopicT

    from streams.transport.alignment import Alignment

    ResumePositions = Callable[[set[TP]], Awaitable[Mapping[TP, int | None]]]
    OnOutOfRange = Callable[[TP, int, int, int], Awaitable[int]]

MAX_RECORDS = 20_000  # a batch: large enough to share its costs; so many only wait when behind
MAX_FETCH_BYTES = 4 * 1024 * 1024  # a partition's share of a fetch, where they are few
FETCH_MAX_WAIT_MS = (
    50  # how long the broker holds an empty answer back; delays other partitions too
)
BUFFERED_BATCHES = 4  # per topic; more only delays a drain and costs memory
SESSION_TIMEOUT_SECONDS = 10.0  # how long a crashed worker's partitions have no owner
METADATA_AGE_MS = 30_000  # partitions that a topic is given later are read after so long
REVOKED_SECONDS = 1.0  # for batches under work, before others are given their partitions
COMMIT_INTERVAL_SECONDS = 1.0  # commits only feed lag displays


async def stop_out_of_range(tp: TP, wanted: int, beginning: int, end: int) -> int:
    """Stop the worker: events were lost, or the log is another one; somebody has to decide."""
    raise PositionOutOfRangeError(
        "the position to resume from is not in the log",
        topic=tp.topic,
        partition=tp.partition,
        value=wanted,
        expected=f"{beginning}..{end}",
    )


class NoTables(TableManager):
    """Starts at once; Faust's own gives tables a second to be declared, and there are none."""

    async def on_start(self) -> None:
        """Let streams begin."""
        await self._update_channels()
        await self.recovery.start()


class RecordBatchApp(faust.App):
    """A Faust app on the record-batch transport; make it with `record_batch_app`."""

    resume_positions: ResumePositions
    on_out_of_range: OnOutOfRange
    fetch_max_wait_ms: int
    outages: Outages
    alignment: Alignment | None

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    async def _consumer_wait_empty(self, consumer: Any, _log: Any) -> None:
        await consumer.finish(REVOKED_SECONDS)

    def _create_directories(self) -> None:
        pass  # Faust's data directory is for tables, and there are none


def record_batch_app(
    app_id: str,
    brokers: Sequence[str],
    resume_positions: ResumePositions,
    on_out_of_range: OnOutOfRange = stop_out_of_range,
    *,
    max_records: int = MAX_RECORDS,
    max_fetch_bytes: int = MAX_FETCH_BYTES,
    fetch_max_wait_ms: int = FETCH_MAX_WAIT_MS,
    session_timeout_seconds: float = SESSION_TIMEOUT_SECONDS,
    outages: Outages | None = None,
    alignment: Alignment | None = None,
    credentials: Any = None,
    **settings: Any,
) -> RecordBatchApp:
    """An app whose agents receive `RecordBatch`es; `app_id` is its consumer group.

    `brokers` are `host:port`. `resume_positions(tps)` tells for each partition the position to read
    on from, None for the beginning of its log; while a server is away (`SERVER_ERRORS`, noted in
    `outages`) it is asked again, and nothing is read. `on_out_of_range(tp, wanted, beginning, end)`
    is asked for another one when the log does not reach back, or up, to it, and again while a
    server is away; what else it raises ends the app. Its answer is also what the partition's agent
    has to expect next.
    A batch holds at most `max_records` records. Streams that `follow` carries keep in step where
    there is an `alignment`. `settings` override Faust's, by its names.
    Raises InsecureCredentialsError for SASL without TLS.
    """
    _refuse_plaintext(credentials)
    app = RecordBatchApp(
        app_id,
        **_faust_settings(brokers, max_records, max_fetch_bytes)
        | {
            "broker_session_timeout": session_timeout_seconds,
            "broker_heartbeat_interval": session_timeout_seconds / 4,
        }
        | settings,
    )
    app.conf.broker_credentials = credentials
    app.resume_positions = resume_positions
    app.on_out_of_range = on_out_of_range
    app.fetch_max_wait_ms = fetch_max_wait_ms
    app.outages = outages or Outages()
    app.alignment = alignment
    return app


def batch_topic(app: faust.App, name: str) -> TopicT:
    """The topic of this name, to be consumed in batches of raw keys and values."""
    return app.topic(name, key_serializer="raw", value_serializer="raw", internal=False)


def _faust_settings(
    brokers: Sequence[str], max_records: int, max_fetch_bytes: int
) -> dict[str, Any]:
    return {
        "broker": ";".join(f"portrait://{broker}" for broker in brokers),
        "broker_max_poll_records": max_records,
        "consumer_max_fetch_size": max_fetch_bytes,
        "stream_buffer_maxsize": BUFFERED_BATCHES,
        "broker_commit_interval": COMMIT_INTERVAL_SECONDS,
        "consumer_metadata_max_age_ms": METADATA_AGE_MS,
        # what happens twice is noticed downstream, by coordinates
        "processing_guarantee": "at_least_once",
        # a batch under work at a rebalance is given a moment (above); later its writes are refused
        "stream_wait_empty": False,
        # an agent retries what it can; what it does not catch is a defect, and must be seen
        "agent_supervisor": CrashingSupervisor,
        # topics belong to the operator, and Faust's own ones are not needed
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "autodiscover": False,
        "store": "memory://",
        "TableManager": NoTables,
    }


def _refuse_plaintext(credentials: Any) -> None:
    protocol = getattr(credentials, "protocol", None)
    if protocol is not None and protocol.value == "SASL_PLAINTEXT":
        raise InsecureCredentialsError(
            "SASL credentials without an ssl_context would cross the network in the clear",
            value=type(credentials).__name__,
            expected="credentials with an ssl_context",
        )
