"""Bytes in, events out: a whole batch is checked in one call, and no record can harm another.

Each record is parsed on its own, since records joined into one JSON array could close or open
each other's brackets. What is written plainly is read the quick way (`plain`); the rest is parsed
and validated in one step of pydantic's compiled core, which puts None where a record fails; only
failures are looked at again, one by one, for their reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Final, Protocol

from pydantic import GetCoreSchemaHandler, Json, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema, from_json

from .events import AnyFeedback, AnyPurchase, Browse, Customer, Event, Touch
from .plain import plain_reader
from .rejection import MAX_RECORD_BYTES, Rejected, from_the_future, invalid, unreadable
from .topics import Kind

_SHAPES: Final[dict[Kind, Any]] = {
    "purchase": AnyPurchase,
    "browse": Browse,
    "feedback": AnyFeedback,
    "customer": Customer,
    "touch": Touch,
}


class Record(Protocol):
    """What is read of a transport's record: the bytes, and when it was written (epoch ms)."""

    @property
    def value(self) -> bytes | None: ...  # noqa: D102 - said above
    @property
    def timestamp(self) -> int | None: ...  # noqa: D102 - said above


@dataclass(frozen=True, slots=True)
class Decoded:
    """Events and refusals of a batch, each with its index in the batch, in the batch's order."""

    accepted: list[tuple[int, Event]]
    rejected: list[Rejected]


def decode(kind: Kind, records: Sequence[Record], max_future_ms: int) -> Decoded:
    """Read a batch of one topic's records as events of its kind.

    An event later than its own record by more than `max_future_ms` is refused. The record's time is
    compared, not a clock's, so that a replay decides the same; a record without a time (None or
    <= 0) is not compared. Nothing in the bytes makes this raise.

    >>> from types import SimpleNamespace
    >>> record = SimpleNamespace(timestamp=0, value=b'''{"type": "purchase", "event_id": "a1",
    ...     "customer_id": 17850, "ts": "2010-12-01T08:26:00Z", "price": -3}''')
    >>> decode("purchase", [record], max_future_ms=0).rejected[0].message
    'price: got -3, expected a number from 0 to 1000000000'
    """
    valid, refused = _validate(kind, records)
    accepted, early = _hold_back_early(valid, records, max_future_ms)
    return Decoded(accepted, sorted([*refused, *early], key=attrgetter("index")))


def json_schema(kind: Kind) -> dict[str, Any]:
    """Describe the events of a kind, as JSON Schema (draft 2020-12)."""
    return TypeAdapter(_SHAPES[kind]).json_schema()


def _validate(
    kind: Kind, records: Sequence[Record]
) -> tuple[list[tuple[int, Event]], list[Rejected]]:
    values = [_sized(record.value) for record in records]
    reader = plain_reader(kind)
    events: list[Event | None] = reader.read(values) if reader else [None] * len(values)
    left = [index for index, event in enumerate(events) if event is None]
    if left:
        found = _batch_validator(kind).validate_python([values[index] for index in left])
        for index, event in zip(left, found, strict=True):
            events[index] = event
        if None in found:
            return _look_again(kind, records, events)
    return list(enumerate(events)), []  # type: ignore[arg-type]  # none of them is None


def _sized(value: bytes | None) -> bytes:
    """Return what is no larger than a record may be; nothing, which no reader takes, for others."""
    return value if value is not None and len(value) <= MAX_RECORD_BYTES else b""


def _look_again(
    kind: Kind, records: Sequence[Record], events: list[Event | None]
) -> tuple[list[tuple[int, Event]], list[Rejected]]:
    """Try what failed once more, without its blank fields, and say what is wrong with the rest."""
    accepted, rejected = [], []
    for index, (record, event) in enumerate(zip(records, events, strict=True)):
        found = event or _second_look(kind, index, record.value)
        if isinstance(found, Rejected):
            rejected.append(found)
        else:
            accepted.append((index, found))
    return accepted, rejected


def _second_look(kind: Kind, index: int, value: bytes | None) -> Event | Rejected:
    if value is None or not _sized(value):
        return unreadable(index, value)
    try:
        payload = from_json(value)
    except ValueError as error:
        return unreadable(index, value, error)
    try:
        return _one_validator(kind).validate_python(_without_blanks(payload))
    except ValidationError as error:
        return invalid(index, payload, error, _SHAPES[kind])


def _without_blanks(payload: Any) -> Any:
    if not isinstance(payload, dict):
        return payload
    return {key: value for key, value in payload.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def _hold_back_early(
    events: list[tuple[int, Event]], records: Sequence[Record], max_future_ms: int
) -> tuple[list[tuple[int, Event]], list[Rejected]]:
    early = {
        index: from_the_future(index, event, at + max_future_ms)
        for index, event in events
        if (at := records[index].timestamp) and 0 < at < event["ts"] - max_future_ms
    }
    if not early:
        return events, []
    return [pair for pair in events if pair[0] not in early], list(early.values())


class _NoneOnError:
    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


@cache
def _batch_validator(kind: Kind) -> TypeAdapter[list[Event | None]]:
    shape = _SHAPES[kind]
    return TypeAdapter(list[Annotated[Json[shape], _NoneOnError()]])  # type: ignore[valid-type]  # runtime


@cache
def _one_validator(kind: Kind) -> TypeAdapter[Event]:
    return TypeAdapter(_SHAPES[kind])
