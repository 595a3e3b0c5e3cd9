"""Rows before they are events: cleaned cells, what makes each row itself, and repeated rows."""

import json
import math
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any, Final

import orjson
from xxhash import xxh3_64_intdigest

from .table import Chunk

Columns = Mapping[str, Sequence[Any]]

_ABSENT: Final = (None, "")
_INFINITE: Final = (math.inf, -math.inf)


def clean(columns: Columns, also_absent: Sequence[str]) -> Columns:
    """Make None of every absent cell; `also_absent` are a table's own words for it."""
    absent = (*_ABSENT, *also_absent)
    return {name: _clean_cells(cells, absent) for name, cells in columns.items()}


def _clean_cells(cells: Sequence[Any], absent: tuple[Any, ...]) -> list[Any]:
    # NaN is the only value that differs from itself
    cleaned = [None if cell in absent or cell != cell else cell for cell in cells]
    if any(infinite in cleaned for infinite in _INFINITE):  # JSON would make them null, thus absent
        return [str(cell) if cell in _INFINITE else cell for cell in cleaned]
    return cleaned


def identities(
    names: list[str] | str | None, columns: Columns, chunk: Chunk, source: str
) -> list[bytes]:
    """What makes each row what it is: the cells named (`*`: all), or its place in the source."""
    if names is None:
        return [to_json((source, number)) for number in chunk.numbers]
    if names == "*" and chunk.loose:  # lines differ in what they have, so names are part of it
        return [to_json(row) for row in _present_cells(columns)]
    chosen = columns.values() if names == "*" else [columns[name] for name in names]
    return [to_json(row) for row in zip(*chosen, strict=True)]


def _present_cells(columns: Columns) -> list[dict[str, Any]]:
    names = sorted(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    return [
        {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
        for row in rows
    ]


class Repeats:
    """Tells rows that repeat one of the `window` different rows before them, by a 64-bit hash."""

    def __init__(self, window: int) -> None:
        self._seen: set[int] = set()
        self._order: deque[int] = deque(maxlen=window)

    def first_ones(self, contents: list[bytes]) -> list[bool]:
        """Say for each row whether it is new."""
        return [self._is_new(xxh3_64_intdigest(content)) for content in contents]

    def _is_new(self, content: int) -> bool:
        if content in self._seen:
            return False
        if len(self._order) == self._order.maxlen:
            self._seen.discard(self._order[0])
        self._order.append(content)
        self._seen.add(content)
        return True


def chosen(columns: Columns, mask: Sequence[bool]) -> Columns:
    """Only the rows that the mask holds."""
    return {name: list(compress(cells, mask)) for name, cells in columns.items()}


def to_json(value: object) -> bytes:
    """Write a row or an event, whatever its cells are."""
    try:
        return orjson.dumps(value, default=str)
    except TypeError:  # integers beyond 64 bits, lone surrogates: validation will say what is wrong
        return json.dumps(value, default=str).encode()
