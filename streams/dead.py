"""Dead letters: rejected records with their own bytes, the reason, and where they came from.

A dead letter is the record itself (value, key, headers) with headers added. Its id is the source's
(topic, epoch, partition, offset): a letter that was sent twice is read once.
"""

from typing import Any, NamedTuple

from schemas.errors import PortraitError
from schemas.rejection import Rejected
from schemas.topics import DEAD
from streams.outbox import Headers, Message
from streams.transport.batch import Record, RecordBatch

PREFIX = "portrait."
"""Headers of ours begin with it; a record's own headers follow them unchanged."""


class NoDeadLetterError(PortraitError):
    """A record that somebody else wrote to the dead letters' topic; evidence: `expected`."""


class DeadLetter(NamedTuple):
    """A dead letter as read back from the topic."""

    topic: str
    epoch: str
    partition: int
    offset: int
    attempt: int
    error_type: str
    field: str
    message: str
    timestamp: int  # of the rejected record, epoch ms
    key: bytes | None
    value: bytes | None
    headers: Headers


def dead_letter(
    batch: RecordBatch, record: Record, rejected: Rejected, epoch: int, where: tuple[str, int]
) -> Message:
    """Return the message for one rejected record; `where`: dead letters' topic and partition."""
    reason: dict[str, Any] = {
        "topic": batch.topic,
        "epoch": f"{epoch:016x}",
        "partition": batch.partition,
        "offset": record.offset,
        "attempt": 1,
        "error_type": rejected.error_type,
        "field": rejected.field,
        "message": rejected.message,
        "timestamp": record.timestamp,
    }
    added = [(PREFIX + name, str(value).encode()) for name, value in reason.items()]
    topic, partition = where
    return Message(topic, record.key, record.value, [*added, *record.headers], partition)


def read_dead_letter(key: bytes | None, value: bytes | None, headers: Headers | None) -> DeadLetter:
    """Read what `dead_letter` wrote.

    Raises:
        NoDeadLetterError: something else has written it.
    """
    try:
        return _read(key, value, headers or [])
    except (KeyError, ValueError) as error:  # a header is missing, or holds something else
        raise NoDeadLetterError(
            "no dead letter", expected=f"headers that begin with {PREFIX!r}"
        ) from error


def _read(key: bytes | None, value: bytes | None, headers: Headers) -> DeadLetter:
    reason = {
        name.removeprefix(PREFIX): text.decode()
        for name, text in headers[: len(DeadLetter._fields) - 3]
        if text is not None
    }
    return DeadLetter(
        topic=reason["topic"],
        epoch=reason["epoch"],
        partition=int(reason["partition"]),
        offset=int(reason["offset"]),
        attempt=int(reason["attempt"]),
        error_type=reason["error_type"],
        field=reason["field"],
        message=reason["message"],
        timestamp=int(reason["timestamp"]),
        key=key,
        value=value,
        headers=headers[len(DeadLetter._fields) - 3 :],
    )


def dead_topic(prefix: str) -> str:
    """Return the dead letters' topic."""
    return prefix + DEAD
