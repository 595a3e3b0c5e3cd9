"""The field types of events. Each states its limits, and in plain words what it expects.

Well-formed values take the strict path, which never leaves pydantic's compiled core; only what
that path refuses is offered to a converter in Python (`Or`), and must then pass the strict path.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from .currencies import CURRENCIES
from .instants import EARLIEST_MS, LATEST_MS, to_epoch_ms

MAX_NUMBER: Final = 1_000_000_000
MAX_ID: Final = 128
MAX_NAME: Final = 200
MAX_FACT: Final = 64  # a longer value would make Redis turn the whole profile into a hash table
MAX_TEXT: Final = 10_000
MAX_INTERESTS: Final = 32
MAX_CONSENTS: Final = 32
DAY_SECONDS: Final = 86_400

# Braces are Redis Cluster's hash tags; white space and control characters break keys and logs.
_CUSTOMER_ID = r"^[^\s\p{Cc}\p{Cf}{}]+$"
_ID = r"^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}{}]+$"
_LINE = r"^\P{Cc}*$"
_TEXT = r"^[\P{Cc}\n\r\t]*$"  # what people write has paragraphs
PRINTABLE: Final = frozenset({_CUSTOMER_ID, _ID, _LINE, _TEXT})
"""Patterns that any printable text without spaces and braces fits."""

_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{0,30})?", re.ASCII)
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Or:
    """What the annotated type refuses is converted and tried again."""

    convert: Callable[[Any], object]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        strict = handler(source)
        converted = core_schema.chain_schema(
            [core_schema.no_info_plain_validator_function(self.convert), strict]
        )
        return core_schema.union_schema([strict, converted], mode="left_to_right")

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema["choices"][0])


@dataclass(frozen=True, slots=True)
class OneOf:
    """A string out of a fixed set."""

    values: Iterable[str]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.literal_schema(sorted(self.values))


def _id_text(value: object) -> str:
    if type(value) is int:
        return str(value)
    raise ValueError("neither text nor an integer")


def _number(value: object) -> float:
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return float(value)
    raise ValueError("neither a number nor a decimal string")


def _whole(value: object) -> int:
    number = value if type(value) is float else _number(value)
    if number.is_integer():
        return int(number)
    raise ValueError("not a whole number")


def _no_number(text: str) -> str:
    if _PLAIN_NUMBER.fullmatch(text):
        raise ValueError("a number that is none of the field's")
    return text


def _version_text(value: object) -> str:
    if type(value) in (int, float):
        return str(value)
    raise ValueError("neither text nor a number")


def _says(expected: str) -> Any:
    return Field(description=expected)


def _trimmed(limit: int, pattern: str) -> StringConstraints:
    return StringConstraints(
        strict=True, strip_whitespace=True, min_length=1, max_length=limit, pattern=pattern
    )


CustomerId = Annotated[
    str,
    StringConstraints(strict=True, max_length=MAX_ID, pattern=_CUSTOMER_ID),
    Or(_id_text),
    _says(f"1 to {MAX_ID} characters, no white space, braces or control characters; or an integer"),
]
Id = Annotated[
    str,
    _trimmed(MAX_ID, _ID),
    Or(_id_text),
    _says(f"1 to {MAX_ID} characters, no braces or control characters; or an integer"),
]
EpochMs = Annotated[
    int,
    Strict(),
    Field(ge=EARLIEST_MS, le=LATEST_MS),
    Or(to_epoch_ms),
    _says("an ISO 8601 time, epoch seconds or epoch milliseconds, from 1970-02-17 to 2100-01-01"),
]
SchemaVersion = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^1(\.\d{1,4})?$"),
    Or(_version_text),
    _says("1 or 1.x"),
]
Price = Annotated[
    float,
    Strict(),
    Field(ge=0, le=MAX_NUMBER, allow_inf_nan=False),
    Or(_number),
    _says(f"a number from 0 to {MAX_NUMBER}"),
]
Quantity = Annotated[
    int,
    Strict(),
    Field(ge=1, le=1_000_000),
    Or(_whole),
    _says("a whole number from 1 to 1000000"),
]
Rating = Annotated[
    float,
    Strict(),
    Field(ge=0, le=10, allow_inf_nan=False),
    Or(_number),
    _says("a number from 0 to 10"),
]
DurationSeconds = Annotated[
    float,
    Strict(),
    Field(ge=0, le=DAY_SECONDS, allow_inf_nan=False),
    Or(_number),
    _says(f"a number of seconds from 0 to {DAY_SECONDS}"),
]
Currency = Annotated[str, OneOf(CURRENCIES), _says("an upper-case ISO 4217 code")]
Name = Annotated[str, _trimmed(MAX_NAME, _LINE), _says(f"one line of 1 to {MAX_NAME} characters")]
Text = Annotated[
    str,
    _trimmed(MAX_TEXT, _TEXT),
    _says(f"1 to {MAX_TEXT} characters, no control characters but tabs and line ends"),
]
Fact = Annotated[str, _trimmed(MAX_FACT, _LINE), _says(f"one line of 1 to {MAX_FACT} characters")]
_Band = Annotated[Fact, AfterValidator(_no_number)]
_A_BAND: Final = f"a band of 1 to {MAX_FACT} characters, which is no number itself"
_IN_ORDER: Any = Field(union_mode="left_to_right")  # "34" is a number, "25-34" a band
Flag = Annotated[bool, Strict(), _says("true or false")]
Age = Annotated[
    Annotated[int, Strict(), Field(ge=0, le=130), Or(_whole)] | _Band,
    _IN_ORDER,
    _says(f"a whole number from 0 to 130, or {_A_BAND}"),
]
Income = Annotated[
    Price | _Band,
    _IN_ORDER,
    _says(f"a number from 0 to {MAX_NUMBER}, or {_A_BAND}"),
]
HouseholdSize = Annotated[
    Annotated[int, Strict(), Field(ge=1, le=100), Or(_whole)] | _Band,
    _IN_ORDER,
    _says(f"a whole number from 1 to 100, or {_A_BAND}"),
]
Interests = Annotated[
    list[Fact],
    Field(max_length=MAX_INTERESTS),
    _says(f"a list of up to {MAX_INTERESTS} lines of 1 to {MAX_FACT} characters"),
]
Consent = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,31}$")], Flag],
    Field(max_length=MAX_CONSENTS),
    _says(
        f"up to {MAX_CONSENTS} purposes (a-z, 0-9, _.-; at most 32 characters), each true or false"
    ),
]
