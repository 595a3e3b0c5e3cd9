"""A learner in one record: header, signed, with a pickle that may build named classes only.

    magic (4) | HMAC-SHA256 of all that follows (32) | length of header (4) | header, JSON | zlib

The signature is checked before anything else is read. The pickle holds plain containers and the
classes that the tasks name; any other is refused, even when signed.
"""

import hashlib
import hmac
import io
import pickle
import platform
import struct
import zlib
from importlib.metadata import version as installed_version
from typing import Any, NamedTuple

import orjson

from profiles.learning.features import FEATURE_VERSION
from profiles.learning.learner import Learner
from profiles.learning.model import Numbers, State
from schemas.errors import PortraitError

MAGIC = b"PLS3"  # its digit changes whenever the layout of a state does
FASTEST = 1  # zlib's: of tables of floats the best is 4 % smaller, and takes three times as long
_FRAME = struct.Struct(">4s32sI")
# what river's own containers are made of; none of them runs anything
_CONTAINERS = frozenset({"collections.Counter", "collections.defaultdict", "builtins.float"})


class ForgedSnapshotError(PortraitError):
    """The signature does not fit: tampered with, damaged, or signed with another key."""


class IncompatibleSnapshotError(PortraitError):
    """Written by another river, for other features, or for tasks with other settings or rules."""


class CorruptSnapshotError(PortraitError):
    """Not a snapshot at all, or one whose pickle holds what no snapshot holds."""


class Restored(NamedTuple):
    """A learner as it was, and where it goes on reading."""

    learner: Learner
    next_position: int  # in learning.examples
    header: Numbers


def take(learner: Learner, next_position: int, key: bytes) -> bytes:
    """The learner as a signed record; `next_position` is the first example it has not seen."""
    header = {**_expected(learner), **_origin(learner, next_position)}
    packed_header = orjson.dumps(header)
    body = zlib.compress(pickle.dumps(learner.state(), protocol=5), FASTEST)
    signed = struct.pack(">I", len(packed_header)) + packed_header + body
    return MAGIC + _signature(signed, key) + signed


def restore(record: bytes, key: bytes, learner: Learner) -> Restored:
    """The learner of a record, on a fresh `learner` of the same tasks.

    Raises CorruptSnapshotError, ForgedSnapshotError or IncompatibleSnapshotError; the learner is
    untouched then.
    """
    header, body = _opened(record, key)
    for name, expected in _expected(learner).items():
        if header.get(name) != expected:
            raise IncompatibleSnapshotError(
                f"snapshot with another {name}", value=header.get(name), expected=expected
            )
    state = _state(body, learner.classes())
    _check_contestants(state, learner)
    learner.restore(state)
    return Restored(learner, header["next_position"], header)


def version_of(record: bytes, key: bytes) -> int:
    """How many examples the learner of a record had taken, without building it.

    Raises CorruptSnapshotError or ForgedSnapshotError.
    """
    header, _ = _opened(record, key)
    return int(header["version"])


def _expected(learner: Learner) -> Numbers:
    return {
        "feature_version": FEATURE_VERSION,
        "river": installed_version("river"),
        "tasks": {name: each.task.settings() for name, each in learner.tasks.items()},
    }


def _check_contestants(state: State, learner: Learner) -> None:
    """Refuse a state of other contestants: a task's rule, which is one, is not in its settings."""
    for name, task in learner.tasks.items():
        found = list(state["tasks"][name]["contest"]["contestants"])
        expected = list(task.contest.contestants)
        if found != expected:
            raise IncompatibleSnapshotError(
                f"snapshot with other contestants of {name}", value=found, expected=expected
            )


def _origin(learner: Learner, next_position: int) -> Numbers:
    python = platform.python_version()
    return {"version": learner.version, "next_position": next_position, "python": python}


def _opened(record: bytes, key: bytes) -> tuple[Numbers, bytes]:
    if len(record) < _FRAME.size or not record.startswith(MAGIC):
        raise CorruptSnapshotError("not a snapshot", value=record[:16], expected=MAGIC)
    _, signature, header_length = _FRAME.unpack_from(record)
    signed = record[_FRAME.size - 4 :]
    if not hmac.compare_digest(signature, _signature(signed, key)):
        raise ForgedSnapshotError(
            "the signature does not fit",
            value=signature.hex(),
            expected="HMAC-SHA256 by PORTRAIT_MODEL_KEY, the same for all processes",
        )
    return orjson.loads(signed[4 : 4 + header_length]), signed[4 + header_length :]


def _signature(signed: bytes, key: bytes) -> bytes:
    return hmac.digest(key, MAGIC + signed, hashlib.sha256)


def _state(body: bytes, classes: frozenset[str]) -> Any:
    try:
        return _Unpickler(io.BytesIO(zlib.decompress(body)), classes | _CONTAINERS).load()
    except (zlib.error, pickle.UnpicklingError, EOFError) as error:
        raise CorruptSnapshotError("unreadable body", value=body[:16], expected="pickle") from error


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, allowed: frozenset[str]) -> None:
        super().__init__(stream)
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" not in self._allowed:
            raise CorruptSnapshotError(
                "a class that no snapshot holds",
                value=f"{module}.{name}",
                expected=sorted(self._allowed),
            )
        return super().find_class(module, name)
