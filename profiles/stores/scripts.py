"""The scripts that the stores in Redis share, what they are given and what they answer."""

from importlib.resources import files
from itertools import chain
from typing import Any

import msgpack

from profiles.keyspace import STALE_FIELD
from profiles.store import State, Write

SCANNED = 1000
"""Keys looked at by one SCAN, which a server is busy with for less than a millisecond."""


STAYS = b""
"""Tells write.lua to leave the mark where it is."""


def source(name: str) -> str:
    """Return a script of this package."""
    return files("profiles.stores").joinpath(name).read_text()


def pack(write: Write) -> bytes:
    """Return a write as write.lua reads it."""
    parts: list[Any] = [
        write.field,
        write.base,
        write.section,
        list(chain.from_iterable(write.siblings.items())),
        list(chain.from_iterable(write.fields.items())),
        write.removed,
        write.replace,
    ]
    return bytes(msgpack.packb(parts, use_bin_type=False))  # Lua knows one kind of string


def state_of(flat: list[bytes]) -> State:
    """Read a state: field, value, field, value, ..."""
    sections = {flat[i].decode(): flat[i + 1] for i in range(0, len(flat), 2)}
    stale = sections.pop(STALE_FIELD, None)
    return State(sections, stale is not None)


def fields_of(found: dict[Any, Any]) -> dict[str, str]:
    """Read a public profile."""
    return {name.decode(): value.decode() for name, value in found.items()}
