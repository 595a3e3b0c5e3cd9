"""A mapping turns pieces of a table into events, column by column."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import Any, Final, Self

from schemas.topics import Kind

from .cleaning import Counts
from .conditions import columns_of
from .errors import MappingError
from .parse import parse_spec
from .rows import Columns, Repeats, chosen, clean, identities, to_json
from .rule import MappedEvent, Rule
from .spec import MappingSpec, SourceSpec, Value
from .table import MAX_KEPT, BrokenRow, Chunk

MAX_EVENT_BYTES: Final = 900_000
"""Of key and payload: Kafka takes about a million, and a dead letter has its reason besides."""


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
    >>> import json
    >>> json.loads(event.payload)  # doctest: +NORMALIZE_WHITESPACE
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

    def compile(self, source: str) -> "RowMapper":
        """Make what turns the chunks of a source into events.

        `source` names the table in the ids of events that have no `event_id_from`.
        """
        return RowMapper(self.name, self.spec, source)


class RowMapper:
    """A mapping at work on one source: a function of its chunks, in their order.

    It raises `MappingError` for a table that lacks a column. What it did to the rows, and what came
    of them, is counted; `report` tells.
    """

    def __init__(self, name: str, spec: MappingSpec, source: str) -> None:
        self._name, self._spec, self._source = name, spec, source
        self._needed = _columns_needed(spec)
        self._rows: Counts = Counter()
        self._fields: dict[str, Counts] = {field: Counter() for field in spec.preprocess}
        self._rules = [Rule(rule, spec, self._fields) for rule in spec.event]
        asked = spec.duplicates
        self._repeats = Repeats(asked.exact_within) if asked else None

    def __call__(self, chunk: Chunk) -> list[MappedEvent]:
        """The events of the next rows, in the order of the rows."""
        self._rows.update(read=len(chunk.numbers) + len(chunk.broken), broken=len(chunk.broken))
        columns = clean(self._complete(chunk), self._spec.source.absent)
        ids = identities(self._spec.event_id_from, columns, chunk, self._source)
        numbers = list(chunk.numbers)
        if self._repeats is not None:
            new = self._repeats.first_ones(identities("*", columns, chunk, self._source))
            self._rows["duplicates_dropped"] += new.count(False)
            columns = chosen(columns, new)
            ids, numbers = list(compress(ids, new)), list(compress(numbers, new))
        kind = self._rules[0].kind
        placed = [(broken.row, _broken(kind, broken)) for broken in chunk.broken]
        placed += self._events(columns, ids, numbers)
        placed.sort(key=itemgetter(0))
        return [self._bounded(row, event) for row, event in placed]

    def report(self) -> dict[str, Any]:
        """Counts so far; only those that are not zero, but for the rows read.

        `rows`: read, broken, too_large (events larger than Kafka takes, which become dead letters),
        duplicates_dropped, without_event (no `when` held). `fields`, by name:
        missing_left, missing_filled, missing_dropped (events), outliers_flagged, outliers_clipped,
        outliers_rejected (these become dead letters), normalized.
        """
        rows = {"read": self._rows["read"], **_not_zero(self._rows)}
        fields = {field: _not_zero(counts) for field, counts in self._fields.items()}
        return {"rows": rows, "fields": {field: found for field, found in fields.items() if found}}

    def _events(
        self, columns: Columns, ids: list[bytes], numbers: list[int]
    ) -> Iterator[tuple[int, MappedEvent]]:
        taken = [False] * len(ids)
        for rule in self._rules:
            mask = rule.mask(columns, taken)
            taken = [before or now for before, now in zip(taken, mask, strict=True)]
            events = rule.events(chosen(columns, mask), list(compress(ids, mask)))
            rows = zip(compress(numbers, mask), events, strict=True)
            yield from ((row, event) for row, event in rows if event is not None)
        self._rows["without_event"] += taken.count(False)

    def _bounded(self, row: int, event: MappedEvent) -> MappedEvent:
        """Replace an event that no Kafka would take by a broken row that says so."""
        size = len(event.payload) + len((event.key or "").encode(errors="replace"))
        if size <= MAX_EVENT_BYTES:
            return event
        self._rows["too_large"] += 1
        reason = f"{size} bytes, expected at most {MAX_EVENT_BYTES}"
        beginning = event.payload[:MAX_KEPT].decode(errors="ignore")  # the cut may split a letter
        return _broken(event.kind, BrokenRow(row, reason, beginning))

    def _complete(self, chunk: Chunk) -> Columns:
        lacking = [column for column in self._needed if column not in chunk.columns]
        if not lacking:
            return chunk.columns
        if chunk.loose:
            absent = [None] * len(chunk.numbers)
            return {**chunk.columns, **dict.fromkeys(lacking, absent)}
        raise MappingError(
            f"mapping {self._name} does not fit its table",
            mapping=self._name,
            path=self._needed[lacking[0]],
            value=lacking[0],
            expected=f"one of the columns {', '.join(chunk.columns)}",
        )


def _columns_needed(spec: MappingSpec) -> dict[str, str]:
    """Each column that the mapping reads, with the place in the TOML that names it."""
    needed = {name: "event_id_from" for name in spec.event_id_from or () if name != "*"}
    places = [("fields", spec.fields)]
    places += [(f"event[{i}].fields", rule.fields) for i, rule in enumerate(spec.event)]
    for place, fields in places:
        for field, value in fields.items():
            for column in _columns_of(value):
                needed.setdefault(column, f"{place}.{field}")
    for i, rule in enumerate(spec.event):
        if rule.when is not None and rule.when != "otherwise":
            for column in columns_of(rule.when):
                needed.setdefault(column, f"event[{i}].when")
    return needed


def _columns_of(value: Value) -> Iterator[str]:
    yield from value.columns
    if value.when is not None:
        yield from columns_of(value.when)


def _broken(kind: Kind, broken: BrokenRow) -> MappedEvent:
    # a JSON array is never an event, so the row ends among the dead letters with its reason
    return MappedEvent(kind, None, to_json([f"row {broken.row}: {broken.reason}", broken.content]))


def _not_zero(counts: Counts) -> dict[str, int]:
    return {deed: count for deed, count in counts.items() if count}
