"""One `[[event]]` of a mapping: which rows it takes, and the events that it makes of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from xxhash import xxh3_128_hexdigest

from schemas.topics import KIND_OF_TYPE, Kind

from .cleaning import DROP, Counts, FieldCleaner
from .conditions import holds
from .rows import Columns, to_json
from .spec import FIELDS, EventRule, MappingSpec, Value
from .values import convert_column, converter, id_text, total


class MappedEvent(NamedTuple):
    """An event on its way to its topic: the key is the customer, the payload JSON."""

    kind: Kind
    key: str | None
    payload: bytes


class Rule:
    """An event rule at work; it remembers what its preprocessing has seen.

    `counts` has a counter for each preprocessed field, which the rules of a mapping share.
    """

    def __init__(self, rule: EventRule, spec: MappingSpec, counts: Mapping[str, Counts]) -> None:
        known = FIELDS[rule.type]
        shared = {name: value for name, value in spec.fields.items() if name in known}
        fields = {**shared, **rule.fields}
        self.kind = KIND_OF_TYPE[rule.type]
        self._rule = rule
        self._fields = {name: (value, converter(name, value)) for name, value in fields.items()}
        self._cleaners = {
            name: FieldCleaner(name, asked, counts[name])
            for name, asked in spec.preprocess.items()
            if name in fields
        }

    def mask(self, columns: Columns, taken: list[bool]) -> list[bool]:
        """Say for each row whether the rule takes it; `taken`: whether one before it did."""
        match self._rule.when:
            case None:
                return [True] * len(taken)
            case "otherwise":
                return [not row for row in taken]
            case condition:
                return holds(condition, columns)

    def events(self, columns: Columns, ids: list[bytes]) -> list[MappedEvent | None]:
        """Make an event of each row; None where preprocessing drops it."""
        salt = self._rule.salt.encode()
        table: dict[str, Sequence[Any]] = {
            "type": [self._rule.type] * len(ids),
            "event_id": [xxh3_128_hexdigest(salt + identity) for identity in ids],
        }
        for field, (value, convert) in self._fields.items():
            table[field] = convert_column(convert, _cells(value, columns, len(ids)))
        for field, cleaner in self._cleaners.items():
            table[field] = cleaner.clean(table[field])
        keys = table.get("customer_id", [None] * len(ids))
        return [
            None
            if payload is None
            else MappedEvent(self.kind, None if key is None else str(key), payload)
            for key, payload in zip(keys, self._payloads(table), strict=True)
        ]

    def _payloads(self, table: Columns) -> list[bytes | None]:
        names = tuple(table)
        rows: Iterable[tuple[Any, ...]] = zip(*table.values(), strict=True)
        droppable = bool(self._cleaners)
        return [
            None
            if droppable and any(cell is DROP for cell in row)
            else to_json(
                {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
            )
            for row in rows
        ]


def _cells(value: Value, columns: Columns, rows: int) -> Sequence[Any]:
    cells = _unconditional(value, columns, rows)
    if value.when is None:
        return cells
    mask = holds(value.when, columns)
    return [cell if here else None for cell, here in zip(cells, mask, strict=True)]


def _unconditional(value: Value, columns: Columns, rows: int) -> Sequence[Any]:
    if value.column is not None:
        return columns[value.column]
    if value.sum is not None:
        return [total(row) for row in zip(*(columns[name] for name in value.sum), strict=True)]
    if value.join is None:
        return [value.const] * rows
    parts = zip(*(columns[name] for name in value.join), strict=True)
    return [None if None in row else "-".join(str(id_text(cell)) for cell in row) for row in parts]
