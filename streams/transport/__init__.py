"""A Faust transport that hands over a partition's whole fetch as one event, a `RecordBatch`."""

from streams.transport.app import RecordBatchApp, batch_topic, record_batch_app
from streams.transport.batch import Record, RecordBatch
from streams.transport.driver import Transport
from streams.transport.errors import (
    AppCrashedError,
    InsecureCredentialsError,
    PositionOutOfRangeError,
    TransportError,
)
from streams.transport.run import run_apps, run_until_crash, serve

__all__ = [
    "AppCrashedError",
    "InsecureCredentialsError",
    "PositionOutOfRangeError",
    "Record",
    "RecordBatch",
    "RecordBatchApp",
    "Transport",
    "TransportError",
    "batch_topic",
    "record_batch_app",
    "run_apps",
    "run_until_crash",
    "serve",
]
