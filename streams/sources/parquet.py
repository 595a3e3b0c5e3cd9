"""Parquet tables, batch by batch."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.mapping import Chunk

from .errors import SourceError

INDEX = re.compile(r"__index_level_\d+__")
"""The row numbers that pandas writes beside a table: no data, and they make equal rows differ."""


def read_parquet(binary: BinaryIO, source: str, rows: int) -> Iterator[Chunk]:
    """Read a Parquet file in batches; raises `SourceError` for what is none, or cannot seek."""
    if not binary.seekable():
        raise SourceError("Parquet needs a file", source=source, value=source, expected="a file")
    first = 0
    try:
        for batch in pq.ParquetFile(binary).iter_batches(batch_size=rows):
            columns = zip(batch.schema.names, batch.columns, strict=True)
            numbers = range(first, first + batch.num_rows)
            cells = {n: _cells(column) for n, column in columns if not INDEX.fullmatch(n)}
            yield Chunk(cells, numbers)
            first += batch.num_rows
    except pa.ArrowException as error:
        raise SourceError(
            "cannot be read as Parquet", source=source, value=str(error), expected="Parquet"
        ) from error


def _cells(column: Any) -> Sequence[Any]:
    if not pa.types.is_timestamp(column.type):
        cells: list[Any] = column.to_pylist()
        return cells
    # through numpy, since to_pylist takes longer for a time than all else for the row
    moments = column.to_numpy(zero_copy_only=False).astype("datetime64[us]").tolist()
    if column.type.tz is None:
        return list(moments)
    return [moment and moment.replace(tzinfo=UTC) for moment in moments]
