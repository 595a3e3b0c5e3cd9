"""Write a proposed mapping as TOML, with how sure each guess is and what has no place."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.topics import EventType

from .evidence import Column
from .spec import FIELDS
from .table import BrokenRow
from .vocabulary import ACTIONS, CODES

Lines = Iterator[str]

_BUYING: Final = ("price", "amount", "quantity", "order_id")
_FACTS: Final = FIELDS["customer"] - FIELDS["purchase"] - {"interests", "consent"}
_YEAR: Final = re.compile(r"(?<!\d)(19[7-9]\d|20\d\d)(?=(\d\d){0,2}(?!\d))")
"""Four digits, perhaps the first of a month (201312) or a day (20131224)."""


@dataclass(frozen=True)
class Table:
    """What is known of a table beside its rows.

    `day` is an ISO date for rows that have none, `source` the lines of `[source]` as TOML values,
    `broken` rows of the sample could not be read.
    """

    name: str
    day: str
    source: Mapping[str, str] = field(default_factory=dict)
    has_header: bool = True
    broken: Sequence[BrokenRow] = ()


@dataclass(frozen=True)
class Found:
    """The column of a field, why it was taken, and columns that add to it."""

    column: Column
    why: str
    also: list[Column] = field(default_factory=list)


def propose(table: Table, columns: Sequence[Column], found: Mapping[str, Found]) -> str:
    """Write the mapping; where no event fits, its one event is a purchase to be mended."""
    actions = _actions(found["action"].column) if "action" in found else {}
    events = _events(found, actions)
    known = frozenset[str]().union(*(FIELDS[event] for event in events))
    placed = {name: each for name, each in found.items() if name in known and name != "action"}
    parts = [
        _head(table, columns, placed),
        _source(table),
        _fields(table, placed),
        *(_event(event, found, events, actions) for event in events),
        _left(columns, found, placed, actions),
    ]
    return "\n".join("\n".join(lines) + "\n" for part in parts if (lines := list(part)))


def _actions(column: Column) -> dict[str, str]:
    """What the values of a column of actions mean, as far as they are known."""
    codes = CODES.get(tuple(sorted(column.different)))
    if codes is not None:
        return codes
    meanings = {word: action for action, words in ACTIONS.items() for word in words.split()}
    return {
        value: meanings[value.lower()]
        for value in sorted(column.different)
        if value.lower() in meanings
    }


def _events(found: Mapping[str, Found], actions: Mapping[str, str]) -> list[EventType]:
    events: list[EventType] = []
    if actions:
        events += ["purchase"] if "purchase" in actions.values() else []
        events += ["browse"] if set(actions.values()) - {"purchase"} else []
    elif any(name in found for name in _BUYING):
        events += ["return", "purchase"] if _has_returns(found) else ["purchase"]
    if "rating" in found or "text" in found:
        events.append("feedback")
    facts = any(name in found for name in _FACTS)
    return events or ["customer" if facts else "purchase"]


def _has_returns(found: Mapping[str, Found]) -> bool:
    return "quantity" in found and any(value < 0 for value in found["quantity"].column.numbers)


def _head(table: Table, columns: Sequence[Column], placed: Mapping[str, Found]) -> Lines:
    rows = max((column.rows for column in columns), default=0)
    yield f"# A proposal for {_shown(table.name)}, from {rows} rows. Read it before you use it."
    if table.broken:
        first = table.broken[0]
        yield (
            f"# {len(table.broken)} MORE COULD NOT BE READ, row {first.row} (from 0) the first of "
            f"them: {_shown(first.reason)}."
        )
    if "customer_id" not in placed:
        yield "# NO COLUMN SEEMS TO BE THE CUSTOMER: without customer_id every event is refused."
    if "ts" not in placed:
        yield "# NO COLUMN HOLDS TIMES: the file's own day stands for all; put a better one there."
    if {"price", "amount"} & placed.keys():
        yield '# Is the currency known? Then say so here: currency = "EUR"'
    yield ""
    if "ts" in placed and "text" not in placed and not placed["ts"].column.has_time_of_day:
        yield "# Times are days, so rows alike may be different events: a row's place makes its id."
    else:
        yield 'event_id_from = "*"  # rows alike in every cell are one event'


def _source(table: Table) -> Lines:
    if table.source:
        yield "[source]"
        yield from (f"{key} = {value}" for key, value in table.source.items())


def _fields(table: Table, placed: Mapping[str, Found]) -> Lines:
    yield "[fields]"
    for name, found in placed.items():
        yield f"{name} = {_value(name, found, table)}  # {_why(name, found)}"
    if "ts" not in placed:
        yield f'ts = {{ const = {_text(table.day)}, time = "iso" }}'


def _value(name: str, found: Found, table: Table) -> str:
    column = found.column
    if name == "ts" and column.layout:
        year = "" if "y" in column.layout.lower() or "%" not in column.layout else _year(table)
        return f"{{ column = {_text(column.name)}, time = {_text(column.layout)}{year} }}"
    if name in ("price", "amount") and not column.is_number():
        return f'{{ column = {_text(column.name)}, do = ["number"] }}'
    if found.also:
        return f"{{ sum = [{', '.join(_text(each.name) for each in (column, *found.also))}] }}"
    return _text(column.name)


def _year(table: Table) -> str:
    named = _YEAR.search(table.name)
    return f", year = {table.day[:4] if named is None else named[0]}"


def _why(name: str, found: Found) -> str:
    notes = [found.why]
    if name == "ts" and found.column.alternative:
        notes.append(f"{found.column.alternative} fits as well")
    if name == "ts" and found.column.layout in ("%m-%d", "%m/%d"):
        notes.append("the year is a guess")
    absent = found.column.rows - len(found.column.cells)
    if name in ("customer_id", "ts") and absent:
        notes.append(f"{absent} rows have none and will be refused")
    return "; ".join(notes)


def _event(
    event: EventType,
    found: Mapping[str, Found],
    events: list[EventType],
    actions: Mapping[str, str],
) -> Lines:
    yield "[[event]]"
    yield f'type = "{event}"'
    if event == "return":
        column = _text(found["quantity"].column.name)
        yield f"when = {{ column = {column}, lt = 0 }}"
        yield f'fields.quantity = {{ column = {column}, do = ["abs"] }}'
    elif event == "purchase" and "return" in events:
        yield 'when = "otherwise"'
    elif event in ("purchase", "browse") and actions:
        yield from _of_action(event, found["action"].column, actions)
    elif event == "feedback" and len(events) > 1:
        said = [_text(found[name].column.name) for name in ("rating", "text") if name in found]
        tests = ", ".join(f"{{ column = {column}, present = true }}" for column in said)
        yield f"when = {{ any = [{tests}] }}"


def _of_action(event: EventType, column: Column, actions: Mapping[str, str]) -> Lines:
    meant = {value: a for value, a in actions.items() if (a == "purchase") == (event == "purchase")}
    values = ", ".join(map(_text, meant))
    yield f"when = {{ column = {_text(column.name)}, in = [{values}] }}"
    if tuple(sorted(column.different)) in CODES:
        yield "# The meaning of the codes is a guess, after other click logs."
    if event == "browse":
        pairs = ", ".join(f"{_text(value)} = {_text(action)}" for value, action in meant.items())
        step = f"{{ map = {{ {pairs} }} }}"
        yield f"fields.action = {{ column = {_text(column.name)}, do = [{step}] }}"
    if unknown := sorted(column.different - actions.keys()):
        yield f"# Values of unknown meaning give no event: {', '.join(map(ascii, unknown))}"


def _left(
    columns: Sequence[Column],
    found: Mapping[str, Found],
    placed: Mapping[str, Found],
    actions: Mapping[str, str],
) -> Lines:
    used = {each.name for one in placed.values() for each in (one.column, *one.also)}
    used |= {found["action"].column.name} if actions else set()
    meant = {one.column.name: name for name, one in found.items()}
    left = [column.name for column in columns if column.name not in used]
    if left:
        yield "# Columns without a place:"
    for name in left:
        field_name = meant.get(name)
        hint = f"  ({field_name}, of another type of event)" if field_name else ""
        yield f"#   {_shown(name)}{hint}"


def _text(value: str) -> str:
    """A TOML basic string, for which JSON's strings will do."""
    return json.dumps(value, ensure_ascii=False)


def _shown(name: str) -> str:
    return name if name and name.isprintable() else ascii(name)
