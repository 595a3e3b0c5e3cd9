"""Snapshots in a directory, for a broker that cannot hold them (docs/decisions/large-snapshots.md).

The newest and the one before it; each is whole or not there, whenever the writer is killed.
"""

from collections.abc import Iterator
from pathlib import Path

NEWEST, BEFORE, UNFINISHED = "snapshot", "snapshot.before", "snapshot.unfinished"


def put(directory: Path, record: bytes) -> None:
    """Make a record the newest."""
    unfinished, newest = directory / UNFINISHED, directory / NEWEST
    unfinished.write_bytes(record)
    if newest.exists():
        newest.replace(directory / BEFORE)
    unfinished.replace(newest)


def kept(directory: Path) -> Iterator[bytes]:
    """Yield the records, oldest first."""
    for name in (BEFORE, NEWEST):
        path = directory / name
        if path.exists():
            yield path.read_bytes()
