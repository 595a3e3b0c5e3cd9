"""A piece of a table, by columns, as sources hand it over and mappings take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MAX_KEPT: Final = 10_000
"""Characters or bytes kept of a row that cannot travel as it is; more would not fit a record."""


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be read: where, why, and what was there."""

    row: int
    reason: str
    content: Any


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a table.

    `columns` holds one sequence of cells per column, all of one length; None, NaN and the empty
    string are absent cells. `numbers` holds the number of each row in its source, from 0. In a
    `loose` table (JSON lines) a row may lack any column, so that a whole chunk may lack it too.
    """

    columns: Mapping[str, Sequence[Any]]
    numbers: Sequence[int]
    broken: Sequence[BrokenRow] = field(default=())
    loose: bool = False
