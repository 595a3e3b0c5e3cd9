"""Why a record was refused: the field, what it held (shortened), what was expected."""

import reprlib
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from .events import Event

MAX_RECORD_BYTES: Final = 64 * 1024
_MAX_SHOWN: Final = 80

_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2  # a deeply nested value would exhaust the stack of a plain repr
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = _MAX_SHOWN

# Faults of the record as a whole that still have a field to name.
_FIELD_OF_FAULT: Final = {
    "union_tag_not_found": "type",
    "union_tag_invalid": "type",
    "nothing_said": "rating",
}

ErrorType = Literal[
    "empty",  # no value, as a tombstone has none
    "too_large",
    "not_utf8",
    "not_json",
    "too_deep",
    "not_an_object",
    "missing",  # a required field is absent, null or blank
    "invalid",  # a field holds something else than expected
    "future",  # the event is later than the record that carries it
]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused record: its index in the batch, and the evidence.

    `field` is empty where the record as a whole is at fault; `value` is a repr of at most 80
    characters, empty where there is none.
    """

    index: int
    error_type: ErrorType
    field: str
    value: str
    expected: str

    @property
    def message(self) -> str:
        """One line for people, such as `price: got -3.0, expected a number from 0 to 10`."""
        subject = self.field or "record"
        got = f"got {self.value}" if self.value else self.error_type.replace("_", " ")
        return f"{subject}: {got}, expected {self.expected}"


def unreadable(index: int, value: bytes | None, error: ValueError | None = None) -> Rejected:
    """Refuse bytes that hold no JSON document, or too large a one."""
    if not value:
        return Rejected(index, "empty", "", "", "a JSON object")
    if error is None:
        size = f"{len(value)} bytes"
        return Rejected(index, "too_large", "", size, f"at most {MAX_RECORD_BYTES} bytes")
    shown = shorten(value)
    if not _is_utf8(value):
        return Rejected(index, "not_utf8", "", shown, "UTF-8")
    if "recursion limit" in str(error):
        return Rejected(index, "too_deep", "", shown, "a JSON object without deep nesting")
    return Rejected(index, "not_json", "", shown, f"a JSON object ({error})")


def invalid(index: int, payload: Any, error: ValidationError, shape: Any) -> Rejected:
    """Refuse a JSON document that is not an event, naming the first field at fault."""
    if not isinstance(payload, dict):
        return Rejected(index, "not_an_object", "", shorten(payload), "a JSON object")
    expectations = _expectations(shape)
    field = _field_at_fault(error, expectations)
    expected = expectations[field]
    value = payload.get(field)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Rejected(index, "missing", field, "", expected)
    return Rejected(index, "invalid", field, shorten(value), expected)


def from_the_future(index: int, event: Event, latest_ms: int) -> Rejected:
    """Refuse an event that claims to happen after it was recorded."""
    return Rejected(
        index, "future", "ts", str(event["ts"]), f"at most {latest_ms}, by the record's own time"
    )


def shorten(value: object) -> str:
    """Show a value in at most 80 characters, however long or deep it is.

    >>> shorten({"a": [[[[1]]]]}), len(shorten("x" * 1000))
    ("{'a': [[...]]}", 80)
    """
    shown = repr(value[:_MAX_SHOWN]) if isinstance(value, bytes) else _SHORT.repr(value)
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[: _MAX_SHOWN - 1]}…"


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _field_at_fault(error: ValidationError, fields: Container[object]) -> str:
    """Name the first field at fault; a wrong type explains all other faults, so it goes first."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    names = [_field_of(fault["type"], fault["loc"], fields) for fault in faults]
    return "type" if "type" in names else names[0]


def _field_of(fault: str, location: tuple[int | str, ...], fields: Container[object]) -> str:
    # the location of a purchase begins with the tag of its union
    named = (str(step) for step in location if step in fields)
    return _FIELD_OF_FAULT.get(fault) or next(named)


@cache
def _expectations(shape: Any) -> dict[str, str]:
    """What each field expects, as its JSON Schema describes it."""
    schema = TypeAdapter(shape).json_schema()
    objects = schema.get("$defs", {"": schema}).values()
    return {
        name: field["description"]
        for described in objects
        for name, field in described["properties"].items()
    }
