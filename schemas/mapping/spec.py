"""The mapping language: what a TOML file may say. `docs/mappings.md` explains it."""

import re
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    model_validator,
)
from pydantic import Field as PydanticField

from schemas.currencies import CURRENCIES
from schemas.events import SHAPES
from schemas.topics import EventType

from .preprocess import STRICT, FieldSpec

Format = Literal["csv", "tsv", "whitespace", "ndjson", "parquet"]
Cell = str | int | float | bool

FIELDS: Final = {
    event: frozenset(shape.__annotations__) - {"type"} for event, shape in SHAPES.items()
}


class _Strict(BaseModel):
    model_config = STRICT


def _zone_key(key: str) -> str:
    try:
        ZoneInfo(key)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"no IANA time zone {key!r}") from error
    return key


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"no ISO 4217 code {code!r}")
    return code


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:  # base64 and the like are codecs, but none of text
        raise ValueError(f"no text encoding {name!r}") from error
    return name


class Step(_Strict):
    """One change of a value; exactly one is set."""

    name: Literal["lower", "upper", "strip", "abs", "negate", "int", "float", "number"] | None = (
        None
    )
    scale: float | None = None
    offset: float | None = None
    split: Annotated[str, PydanticField(min_length=1)] | None = None
    map: dict[str, Cell] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("expected one of scale, offset, split, map")
        return self


def _named_step(step: object) -> object:
    return {"name": step} if isinstance(step, str) else step


class Condition(_Strict):
    """A test of a row: one column against the operators given, or a group of conditions."""

    column: str | None = None
    equals: Cell | None = None
    not_equals: Cell | None = None
    in_: list[Cell] | None = PydanticField(default=None, alias="in")
    lt: float | None = None
    le: float | None = None
    gt: float | None = None
    ge: float | None = None
    starts_with: str | None = None
    matches: Annotated[str, AfterValidator(_pattern)] | None = None
    present: bool | None = None
    all: Annotated[list[Self], PydanticField(min_length=1)] | None = None
    any: Annotated[list[Self], PydanticField(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = self.model_fields_set
        groups, operators = given & {"all", "any"}, given - {"all", "any", "column"}
        tests_column = self.column is not None and bool(operators)
        if len(groups) + tests_column != 1 or (groups and given != groups):
            raise ValueError("expected a column with operators, or all, or any")
        return self


class Value(_Strict):
    """Where a field's value comes from, and what becomes of it.

    `join` puts the cells of columns together, `sum` adds them; without `when` holding for its row,
    there is no value.
    """

    column: str | None = None
    join: Annotated[list[str], PydanticField(min_length=2)] | None = None
    sum: Annotated[list[str], PydanticField(min_length=2)] | None = None
    const: Cell | list[Cell] | None = None
    when: Condition | None = None
    do: list[Annotated[Step, BeforeValidator(_named_step)]] = []
    time: str | None = None
    zone: Annotated[str, AfterValidator(_zone_key)] = "UTC"
    year: Annotated[int, PydanticField(ge=1970, le=2100)] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = (self.column, self.join, self.sum, self.const)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("expected one of column, join, sum, const")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns it is made of."""
        return self.join or self.sum or ([] if self.column is None else [self.column])


def _column_value(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


Fields = dict[str, Annotated[Value, BeforeValidator(_column_value)]]


class EventRule(_Strict):
    """An event that a row gives, if `when` holds."""

    type: EventType
    name: str = ""
    when: Condition | Literal["otherwise"] | None = None
    fields: Fields = {}

    @property
    def salt(self) -> str:
        """What tells this event's ids from those of the row's other events."""
        return self.name or self.type


class SourceSpec(_Strict):
    """What the file looks like, where its name or content do not say it."""

    format: Format | None = None
    delimiter: Annotated[str, PydanticField(min_length=1, max_length=1)] | None = None
    columns: Annotated[list[str], PydanticField(min_length=1)] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"  # with or without a mark
    absent: list[str] = []


class Duplicates(_Strict):
    """Rows alike in every cell are one row, if they are no further apart than so many rows."""

    exact_within: Annotated[int, PydanticField(ge=1, le=10_000_000)]


class MappingSpec(_Strict):
    """A whole mapping."""

    currency: Annotated[str, AfterValidator(_currency)] | None = None
    event_id_from: list[str] | Literal["*"] | None = None
    source: SourceSpec = SourceSpec()
    duplicates: Duplicates | None = None
    preprocess: dict[str, FieldSpec] = {}
    fields: Fields = {}
    event: Annotated[list[EventRule], PydanticField(min_length=1)]
