"""Tables kept as text: delimited, separated by white space, or one JSON object a line."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

import orjson

from schemas.mapping import BrokenRow, Chunk
from schemas.mapping.spec import SourceSpec
from schemas.mapping.table import MAX_KEPT

from .errors import SourceError

_MAX_FIELD_CHARS: Final = 1_000_000  # an unclosed quote would otherwise fill the memory
_MAX_LINE_BYTES: Final = 1_000_000
_HEADER: Final = -1  # its number, for the row behind it is row 0


def read_delimited(
    binary: BinaryIO, source: str, spec: SourceSpec, delimiter: str, rows: int
) -> Iterator[Chunk]:
    """Read CSV as RFC 4180 has it, with the header on the first line unless the spec names it."""
    csv.field_size_limit(_MAX_FIELD_CHARS)
    text = _text(binary, spec, newline="")
    first = 0 if spec.columns else _HEADER
    return _table(_delimited(text, source, delimiter, first), source, spec, rows)


def read_whitespace(binary: BinaryIO, source: str, spec: SourceSpec, rows: int) -> Iterator[Chunk]:
    """Read columns with any white space between them."""
    return _table((line.split() for line in _text(binary, spec)), source, spec, rows)


def read_json_lines(binary: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Read one JSON object a line; objects may lack columns."""
    pieces = iter(lambda: binary.readline(_MAX_LINE_BYTES), b"")
    numbered = enumerate(line for line in pieces if not line.isspace())
    while lines := list(islice(numbered, rows)):
        yield _json_chunk(lines)


def _text(binary: BinaryIO, spec: SourceSpec, newline: str | None = None) -> io.TextIOWrapper:
    # bytes that are no text travel as lone surrogates, which validation refuses by name
    return io.TextIOWrapper(binary, spec.encoding, errors="surrogateescape", newline=newline)


def _delimited(text: Iterable[str], source: str, delimiter: str, first: int) -> Iterator[list[str]]:
    """Split into rows; where the file ends inside a quote, that quote was never closed.

    The reader asks for lines until a row is whole, so the last whole row comes before the end does.
    """
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        yield from text
        ended = True

    number = first
    for cells in csv.reader(lines(), delimiter=delimiter):
        if ended:
            raise SourceError(
                "a quote is never closed",
                source=source,
                row="header" if number == _HEADER else number,
                value=cells[-1],
                expected='a " before the end of the file',
            )
        number += bool(cells)
        yield cells


def _table(lines: Iterable[list[str]], source: str, spec: SourceSpec, rows: int) -> Iterator[Chunk]:
    filled = (cells for cells in lines if cells)
    names = spec.columns or next(filled, [])
    if not names or len(set(names)) < len(names):
        raise SourceError(
            "no usable header", source=source, value=names, expected="columns of different names"
        )
    numbered = enumerate(filled)
    while piece := list(islice(numbered, rows)):
        yield _table_chunk(names, piece)


def _table_chunk(names: list[str], piece: list[tuple[int, list[str]]]) -> Chunk:
    width = len(names)
    whole = [(number, cells) for number, cells in piece if len(cells) == width]
    broken = [
        BrokenRow(number, f"{len(cells)} columns, expected {width}", cells)
        for number, cells in piece
        if len(cells) != width
    ]
    by_column = zip(*(cells for _, cells in whole), strict=True) if whole else [()] * width
    columns = dict(zip(names, by_column, strict=True))
    return Chunk(columns, [number for number, _ in whole], broken)


def _json_chunk(lines: list[tuple[int, bytes]]) -> Chunk:
    whole: list[tuple[int, dict[str, Any]]] = []
    broken = []
    for number, line in lines:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            row = error.msg
        if isinstance(row, dict):
            whole.append((number, row))
        else:
            broken.append(_broken_line(number, line, row))
    names = dict.fromkeys(name for _, row in whole for name in row)
    columns = {name: [row.get(name) for _, row in whole] for name in names}
    return Chunk(columns, [number for number, _ in whole], broken, loose=True)


def _broken_line(number: int, line: bytes, found: object) -> BrokenRow:
    reason = found if isinstance(found, str) else "no JSON object"
    return BrokenRow(number, reason, line.decode(errors="backslashreplace")[:MAX_KEPT])
