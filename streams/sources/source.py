"""Open a table, wherever and however it is kept, and hand it over piece by piece."""

import csv
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final, get_args
from zipfile import BadZipFile

from schemas.mapping import Chunk
from schemas.mapping.spec import Format, SourceSpec

from .bytestream import open_bytes
from .errors import SourceError
from .parquet import read_parquet
from .text import read_delimited, read_json_lines, read_whitespace

STDIN: Final = "-"
DEFAULT_ROWS: Final = 5_000
_COMPRESSED: Final = {".gz", ".zip"}
_FORMAT_OF_SUFFIX: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "whitespace",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def open_source(
    path: str, spec: SourceSpec | None = None, rows_per_chunk: int = DEFAULT_ROWS
) -> Iterator[Chunk]:
    """Read a table in chunks; memory does not grow with its size.

    `path` is a file or `-` for standard input. What `spec` leaves open is taken from the name:
    its ending, before `.gz` or `.zip`, says the format. Raises `SourceError` at once where there is
    nothing to read, and later where the file breaks off.
    """
    spec = spec or SourceSpec()
    _check_file(path)
    kind = spec.format or format_of(path)
    return _chunks(path, kind, spec, rows_per_chunk)


def first_bytes(path: str, size: int) -> bytes:
    """Return how a file begins, unpacked; raises `SourceError`."""
    _check_file(path)
    kind = format_of(path)
    with ExitStack() as stack, _readable(path, kind):
        return open_bytes(path, stack).read(size)


def source_name(path: str) -> str:
    """Name a source in the ids of its events; a file keeps its name when its folder moves.

    >>> source_name("/data/tmall2014.csv.gz"), source_name("-")
    ('tmall2014.csv.gz', 'stdin')
    """
    return "stdin" if path == STDIN else Path(path).name


def format_of(path: str) -> Format:
    """Tell the format by the name's ending; raises `SourceError`.

    >>> format_of("tmall2014.csv.gz")
    'csv'
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes if suffix not in _COMPRESSED]
    found = _FORMAT_OF_SUFFIX.get(suffixes[-1]) if suffixes else None
    if found is None:
        raise SourceError(
            "unknown format",
            source=path,
            value=path,
            expected=f"a name that ends in {', '.join(_FORMAT_OF_SUFFIX)} (.gz, .zip), "
            f"or `source.format` in the mapping: {', '.join(get_args(Format))}",
        )
    return found


def _check_file(path: str) -> None:
    if path == STDIN and sys.stdin is None:
        raise SourceError("standard input is closed", source=path, value=None, expected="a table")
    if path != STDIN and not Path(path).is_file():
        raise SourceError("no such file", source=path, value=path, expected="a file, or - (stdin)")


@contextmanager
def _readable(path: str, expected: str) -> Iterator[None]:
    """Make what goes wrong while a file is read an error that names it."""
    try:
        yield
    except (OSError, EOFError, UnicodeError, zlib.error, csv.Error, BadZipFile) as error:
        raise SourceError(
            "cannot be read to its end", source=path, value=str(error), expected=expected
        ) from error


def _chunks(path: str, kind: Format, spec: SourceSpec, rows: int) -> Iterator[Chunk]:
    with ExitStack() as stack, _readable(path, _expected(kind, spec)):
        binary = sys.stdin.buffer if path == STDIN else open_bytes(path, stack)
        yield from _read(binary, path, kind, spec, rows)


def _expected(kind: Format, spec: SourceSpec) -> str:
    return f"{kind} in {spec.encoding}" if "encoding" in spec.model_fields_set else kind


def _read(
    binary: BinaryIO, path: str, kind: Format, spec: SourceSpec, rows: int
) -> Iterator[Chunk]:
    match kind:
        case "parquet":
            return read_parquet(binary, path, rows)
        case "ndjson":
            return read_json_lines(binary, rows)
        case "whitespace":
            return read_whitespace(binary, path, spec, rows)
        case "tsv":
            return read_delimited(binary, path, spec, spec.delimiter or "\t", rows)
        case "csv":
            return read_delimited(binary, path, spec, spec.delimiter or ",", rows)
