"""The first rows of a table of unknown make, and the mapping that they suggest."""

import codecs
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from schemas.mapping import BrokenRow, Chunk
from schemas.mapping.evidence import Column
from schemas.mapping.guess import guess
from schemas.mapping.proposal import Table
from schemas.mapping.spec import SourceSpec

from .errors import SourceError
from .source import STDIN, first_bytes, format_of, open_source, source_name

_DELIMITERS: Final = (";", "\t", "|")
_SELF_DESCRIBING: Final = ("parquet", "ndjson")
_MARKED: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_OTHER_ENCODING: Final = "gb18030"  # what Chinese files are in that are not UTF-8


def propose_mapping(path: str, rows: int) -> str:
    """Read up to `rows` rows of a file and write a mapping for it, as TOML.

    Raises `SourceError` for what is no file or no table, or for the most part unreadable.
    """
    if path == STDIN:
        raise SourceError("cannot be read twice", source=path, value=path, expected="a file")
    spec, sample = _sample(path, rows)
    _check_readable(path, sample)
    if not sample.columns:
        raise SourceError("no rows to guess from", source=path, value=path, expected="a table")
    day = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC).date().isoformat()
    source = {
        key: json.dumps(value, ensure_ascii=False)
        for key, value in spec.model_dump(exclude_unset=True).items()
    }
    has_header = spec.columns is None
    table = Table(source_name(path), day, source, has_header, sample.broken)
    return guess(sample.columns, table)


def _check_readable(path: str, sample: Chunk) -> None:
    total = len(sample.numbers) + len(sample.broken)
    if 2 * len(sample.broken) > total:
        first = sample.broken[0]
        raise SourceError(
            f"{len(sample.broken)} of {total} rows cannot be read: {first.reason}",
            source=path,
            value=first.content,
            expected=_expected(path, first),
        )


def _expected(path: str, broken: BrokenRow) -> str:
    if format_of(path) != "ndjson":
        return "rows as wide as the first"
    is_array = broken.content.lstrip().startswith("[")
    return "one object a line" + (", no JSON array around them" if is_array else "")


def _sample(path: str, rows: int) -> tuple[SourceSpec, Chunk]:
    """Find out what the file's name does not tell, reading its beginning once for each surprise."""
    spec = SourceSpec().model_copy(update=_encoding(path, rows))
    for surprise in (_delimiter, _no_header):
        first = _first(path, spec, rows)
        spec = spec.model_copy(update=surprise(path, first))
    return spec, _first(path, spec, rows)


def _first(path: str, spec: SourceSpec, rows: int) -> Chunk:
    return next(open_source(path, spec, rows), Chunk({}, []))


def _encoding(path: str, rows: int) -> dict[str, Any]:
    """The mark at the beginning tells it, or else bytes that are no UTF-8."""
    if format_of(path) in _SELF_DESCRIBING:
        return {}
    marked = _MARKED.get(first_bytes(path, 2))
    if marked is not None:
        return {"encoding": marked}
    first = _first(path, SourceSpec(), rows)
    cells = [*first.columns, *(cell for cells in first.columns.values() for cell in cells)]
    odd = any(isinstance(cell, str) and not _is_unicode(cell) for cell in cells)
    return {"encoding": _OTHER_ENCODING} if odd else {}


def _is_unicode(text: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in text)


def _delimiter(path: str, first: Chunk) -> dict[str, Any]:
    if format_of(path) != "csv" or len(first.columns) != 1:
        return {}
    (name,) = first.columns
    found = next((mark for mark in _DELIMITERS if mark in name), None)
    return {} if found is None else {"delimiter": found}


def _no_header(path: str, first: Chunk) -> dict[str, Any]:
    """Names that are numbers or times are none: the first line is a row like all others."""
    if format_of(path) in _SELF_DESCRIBING:
        return {}
    named = [Column("", [name], 1) for name in first.columns if name]
    if not any(column.numbers or column.is_time() for column in named):
        return {}
    return {"columns": [f"column_{number}" for number, _ in enumerate(first.columns, 1)]}
