"""Records as a producer sends them: real orders, or whatever a test makes up."""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd
import pytest

from schemas.topics import Kind
from streams.embedded.broker import PARTITIONS
from streams.outbox import Headers
from streams.sources import load_mapping, open_source, source_name


class Record(NamedTuple):
    """One record; its key decides its partition, as `partition` says."""

    kind: Kind
    key: bytes
    value: bytes
    headers: Headers = []  # noqa: RUF012 - nobody changes them

    @property
    def partition(self) -> int:
        return zlib.crc32(self.key) % PARTITIONS


def lines_of(table: pd.DataFrame, directories: pytest.TempPathFactory) -> list[Record]:
    """The events of rows like those of Online Retail, as a file of them becomes events."""
    path = directories.mktemp("orders") / "orders.parquet"
    table.to_parquet(path, index=False)
    mapping = load_mapping("online_retail")
    to_events = mapping.compile(source_name(str(path)))
    return [
        Record(event.kind, (event.key or "").encode(), event.payload)
        for chunk in open_source(str(path), mapping.source)
        for event in to_events(chunk)
    ]


def logs_of(records: Iterable[Record]) -> dict[tuple[Kind, int], list[Record]]:
    """What each partition of each topic holds once they are sent, in order."""
    logs: dict[tuple[Kind, int], list[Record]] = {}
    for record in records:
        logs.setdefault((record.kind, record.partition), []).append(record)
    return logs
