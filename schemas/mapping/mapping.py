"""A mapping turns pieces of a table into events, column by column."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final, NamedTuple, Self

import orjson
from xxhash import xxh3_128_hexdigest

from schemas.topics import KIND_OF_TYPE, Kind

from .conditions import columns_of, holds
from .errors import MappingError
from .spec import FIELDS, EventRule, MappingSpec, SourceSpec, Value, parse_spec
from .table import BrokenRow, Chunk
from .values import Convert, convert_column, converter, id_text

Columns = Mapping[str, Sequence[Any]]
ToEvents = Callable[[Chunk], list["MappedEvent"]]

_ABSENT: Final = (None, "")
_INFINITE: Final = (math.inf, -math.inf)


class MappedEvent(NamedTuple):
    """An event on its way to its topic: the key is the customer, the payload JSON."""

    kind: Kind
    key: str | None
    payload: bytes


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A parsed mapping.

    >>> mapping = TableMapping.parse('''
    ... event_id_from = ["bill", "line"]
    ... [[event]]
    ... type = "purchase"
    ... fields = { customer_id = "who", ts = { column = "when", time = "%d.%m.%Y" } }
    ... ''', name="till")
    >>> columns = {"who": [7.0], "when": ["24.12.2024"], "bill": ["B1"], "line": [1]}
    >>> (event,) = mapping.compile("till.csv")(Chunk(columns, numbers=range(1)))
    >>> event.kind, event.key
    ('purchase', '7')
    >>> orjson.loads(event.payload)  # doctest: +NORMALIZE_WHITESPACE
    {'type': 'purchase', 'event_id': '944ae9ea89c7f2a99040c8b407a2fed2', 'customer_id': '7',
     'ts': 1734998400000}
    """

    name: str
    spec: MappingSpec

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Read a mapping's TOML; raises `MappingError`."""
        return cls(name, parse_spec(text, name))

    @property
    def base_currency(self) -> str | None:
        """The currency of every amount that names none; None leaves it to the shop's setting."""
        return self.spec.currency

    @property
    def source(self) -> SourceSpec:
        """What the mapping says about its file."""
        return self.spec.source

    def compile(self, source: str) -> ToEvents:
        """Make the function from chunks of a source to events, in the order of the rows.

        `source` names the table in the ids of events that have no `event_id_from`. The function
        raises `MappingError` for a table that lacks a column.
        """
        rules = [_Rule.of(rule, self.spec) for rule in self.spec.event]
        needed = _columns_needed(self.spec)

        def to_events(chunk: Chunk) -> list[MappedEvent]:
            columns = _clean(self._complete(chunk, needed))
            ids = _identities(self.spec.event_id_from, columns, chunk, source)
            placed = [(broken.row, _broken(rules[0].kind, broken)) for broken in chunk.broken]
            taken = [False] * len(chunk.numbers)
            for rule in rules:
                mask = rule.mask(columns, taken)
                taken = [before or now for before, now in zip(taken, mask, strict=True)]
                chosen = {name: list(compress(cells, mask)) for name, cells in columns.items()}
                events = rule.events(chosen, list(compress(ids, mask)))
                placed += zip(compress(chunk.numbers, mask), events, strict=True)
            placed.sort(key=lambda row_event: row_event[0])
            return [event for _, event in placed]

        return to_events

    def _complete(self, chunk: Chunk, needed: Mapping[str, str]) -> Columns:
        lacking = [column for column in needed if column not in chunk.columns]
        if not lacking:
            return chunk.columns
        if chunk.loose:
            absent = [None] * len(chunk.numbers)
            return {**chunk.columns, **dict.fromkeys(lacking, absent)}
        raise MappingError(
            f"mapping {self.name} does not fit its table",
            mapping=self.name,
            path=needed[lacking[0]],
            value=lacking[0],
            expected=f"one of the columns {', '.join(chunk.columns)}",
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    rule: EventRule
    kind: Kind
    fields: dict[str, tuple[Value, Convert | None]]

    @classmethod
    def of(cls, rule: EventRule, spec: MappingSpec) -> Self:
        known = FIELDS[rule.type]
        shared = {name: value for name, value in spec.fields.items() if name in known}
        fields = {**shared, **rule.fields}
        converters = {name: (value, converter(name, value)) for name, value in fields.items()}
        return cls(rule, KIND_OF_TYPE[rule.type], converters)

    def mask(self, columns: Columns, taken: list[bool]) -> list[bool]:
        match self.rule.when:
            case None:
                return [True] * len(taken)
            case "otherwise":
                return [not row for row in taken]
            case condition:
                return holds(condition, columns)

    def events(self, columns: Columns, ids: list[bytes]) -> list[MappedEvent]:
        salt = self.rule.salt.encode()
        table: dict[str, Sequence[Any]] = {
            "type": [self.rule.type] * len(ids),
            "event_id": [xxh3_128_hexdigest(salt + identity) for identity in ids],
        }
        for field, (value, convert) in self.fields.items():
            table[field] = convert_column(convert, _cells(value, columns, len(ids)))
        keys = table.get("customer_id", [None] * len(ids))
        return [
            MappedEvent(self.kind, None if key is None else str(key), payload)
            for key, payload in zip(keys, _payloads(table), strict=True)
        ]


def _cells(value: Value, columns: Columns, rows: int) -> Sequence[Any]:
    if value.column is not None:
        return columns[value.column]
    if value.join is None:
        return [value.const] * rows
    parts = zip(*(columns[name] for name in value.join), strict=True)
    return [None if None in row else "-".join(str(id_text(cell)) for cell in row) for row in parts]


def _payloads(table: Columns) -> list[bytes]:
    names = tuple(table)
    return [
        _json({name: cell for name, cell in zip(names, row, strict=True) if cell is not None})
        for row in zip(*table.values(), strict=True)
    ]


def _clean(columns: Columns) -> Columns:
    return {name: _clean_cells(cells) for name, cells in columns.items()}


def _clean_cells(cells: Sequence[Any]) -> list[Any]:
    # NaN is the only value that differs from itself
    clean = [None if cell in _ABSENT or cell != cell else cell for cell in cells]
    if any(infinite in clean for infinite in _INFINITE):  # JSON would make them null, thus absent
        return [str(cell) if cell in _INFINITE else cell for cell in clean]
    return clean


def _identities(
    names: list[str] | str | None, columns: Columns, chunk: Chunk, source: str
) -> list[bytes]:
    """What makes each row what it is: the cells named, or the place in the source."""
    if names is None:
        return [_json((source, number)) for number in chunk.numbers]
    if names == "*" and chunk.loose:  # lines differ in what they have, so names are part of it
        return [_json(row) for row in _present_cells(columns)]
    chosen = columns.values() if names == "*" else [columns[name] for name in names]
    return [_json(row) for row in zip(*chosen, strict=True)]


def _present_cells(columns: Columns) -> list[dict[str, Any]]:
    names = sorted(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    return [
        {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
        for row in rows
    ]


def _columns_needed(spec: MappingSpec) -> dict[str, str]:
    """Each column that the mapping reads, with the place in the TOML that names it."""
    needed = {name: "event_id_from" for name in spec.event_id_from or () if name != "*"}
    places = [("fields", spec.fields)]
    places += [(f"event[{i}].fields", rule.fields) for i, rule in enumerate(spec.event)]
    for place, fields in places:
        for field, value in fields.items():
            for column in value.columns:
                needed.setdefault(column, f"{place}.{field}")
    for i, rule in enumerate(spec.event):
        if rule.when is not None and rule.when != "otherwise":
            for column in columns_of(rule.when):
                needed.setdefault(column, f"event[{i}].when")
    return needed


def _broken(kind: Kind, broken: BrokenRow) -> MappedEvent:
    # a JSON array is never an event, so the row ends among the dead letters with its reason
    return MappedEvent(kind, None, _json([f"row {broken.row}: {broken.reason}", broken.content]))


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=str)
    except TypeError:  # integers beyond 64 bits, lone surrogates: validation will say what is wrong
        return json.dumps(value, default=str).encode()
