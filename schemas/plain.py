"""The quick way to an event: what is written plainly, msgspec reads in half of pydantic's time.

Its types are made of the very annotations that pydantic validates by, so every limit is stated
once. What is read here pydantic would read too, and make the same event of. What is not is no error
yet: pydantic looks at it, and alone says what is wrong (docs/decisions/plain-events.md).
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict, get_args, get_origin

import msgspec
from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typing_extensions import get_type_hints

from .events import Browse, Event, Purchase, Touch
from .fields import PRINTABLE, OneOf
from .topics import Kind

_SHAPES: Final[dict[Kind, Any]] = {"purchase": Purchase, "browse": Browse, "touch": Touch}
"""What busy topics hold most of; msgspec knows no unions of typed dicts."""


class PlainReader:
    """Reads records that hold one shape of event."""

    def __init__(self, shape: Any) -> None:
        hints = get_type_hints(shape, include_extras=True)
        self._defaults = [(name, _default(hint)) for name, hint in hints.items() if _default(hint)]
        self._decoder = msgspec.json.Decoder(TypedDict(shape.__name__, _types(hints)))  # type: ignore[operator]  # made at run time

    def read(self, values: Sequence[bytes]) -> list[Event | None]:
        """Return an event for each record, None where it is not plain.

        Producers write alike: if the first record is not plain, the others are not tried.

        >>> read = PlainReader(Browse).read
        >>> start = b'{"type": "browse", "event_id": "1", "customer_id": "c", "ts": 1323435000000'
        >>> read([start + b', "action": "view"}', start + b', "action": "look"}'])[1] is None
        True
        """
        found: list[Event | None] = []
        for value in values:
            event = self._read_one(value)
            if event is None and not found:
                return [None] * len(values)
            found.append(event)
        return found

    def _read_one(self, value: bytes) -> Event | None:
        try:
            text = value.decode()
            if not _is_plain(text):
                return None
            event: dict[str, Any] = self._decoder.decode(text)
        except (UnicodeDecodeError, msgspec.MsgspecError):
            return None
        if not _trim(event):
            return None
        for name, default in self._defaults:
            if name not in event:
                event[name] = default
        return event  # type: ignore[return-value]  # a dict of the shape


@cache
def plain_reader(kind: Kind) -> PlainReader | None:
    """Return the reader of a kind's commonest shape; None where there is no quick way."""
    shape = _SHAPES.get(kind)
    return PlainReader(shape) if shape else None


def _is_plain(text: str) -> bool:
    """Tell whether a text is one flat object of printable characters without escapes.

    Then its strings hold no white space but spaces, nothing invisible, and no braces.
    """
    return (
        text.isprintable()
        and "\\" not in text
        and "[" not in text
        and text.rfind("{") == 0
        and text.find("}") == len(text) - 1
    )


def _trim(event: dict[str, Any]) -> bool:
    """Take the spaces around texts away; tell whether none is blank, and the customer has none."""
    if " " in event["customer_id"]:
        return False
    for name, text in event.items():
        if isinstance(text, str) and (text[0] == " " or text[-1] == " "):
            event[name] = trimmed = text.strip()
            if not trimmed:
                return False
    return True


def _types(hints: dict[str, Any]) -> dict[str, Any]:
    return {
        name: NotRequired[_type(hint)] if _is_optional(hint) else _type(hint)
        for name, hint in hints.items()
    }


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) is NotRequired or _default(hint) is not None


def _default(hint: Any) -> object:
    """Return what stands for a field that is absent, None for nothing."""
    _, *marks = _annotated(hint)
    given = [each.default for each in marks if isinstance(each, FieldInfo)]
    return next((each for each in given if each is not PydanticUndefined), None)


def _type(hint: Any) -> Any:
    """Return what msgspec is to read a field as: its type, within the limits of its annotations."""
    base, *marks = _annotated(hint)
    within: dict[str, Any] = {}
    for mark in marks:
        match mark:
            case OneOf(values):
                base = Literal[tuple(sorted(values))]
            case StringConstraints(max_length=longest, pattern=pattern):
                within |= {"min_length": 1, "max_length": longest}
                if pattern not in PRINTABLE:
                    within["pattern"] = pattern
            case FieldInfo(metadata=[object(ge=least), object(le=most), *_]):
                within |= {"ge": least, "le": most}
    return Annotated[base, msgspec.Meta(**within)] if within else base


def _annotated(hint: Any) -> tuple[Any, ...]:
    return get_args(get_args(hint)[0] if get_origin(hint) is NotRequired else hint)
