"""Records larger than Kafka takes, cut into pieces: two sets of keys in turn, one always whole.

A compacted topic keeps the newest record of each key. Pieces of one publication have keys of their
own, `<key>/<turn>/<number>`, and the next publication uses the other turn: whoever dies half way
leaves the one before it whole.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson

PIECE_BYTES = 900_000
"""Kafka's default limit of a record is about a million bytes."""

TURNS = 2


class Piece(NamedTuple):
    """One record: part `number` of `count` of the publication `stamp`."""

    key: bytes
    value: bytes


def pieces(key: bytes, record: bytes, stamp: int, turn: int) -> Iterator[Piece]:
    """Cut a record; `stamp` tells publications apart and grows.

    >>> [piece.key for piece in pieces(b"snapshot", b"x" * 1_000_000, stamp=7, turn=1)]
    [b'snapshot/1/0', b'snapshot/1/1']
    """
    starts = range(0, max(len(record), 1), PIECE_BYTES)
    for number, start in enumerate(starts):
        head = orjson.dumps([stamp, number, len(starts)])
        name = b"%s/%d/%d" % (key, turn % TURNS, number)
        yield Piece(name, head + b"\n" + record[start : start + PIECE_BYTES])


class Assembly:
    """Puts pieces of one key together again, as they come from the topic.

    >>> assembly = Assembly(b"snapshot")
    >>> cut = list(pieces(b"snapshot", b"x" * 1_000_000, stamp=7, turn=0))
    >>> [len(assembly.add(*piece) or b"") for piece in cut]
    [0, 1000000]
    """

    turn = 0
    """Of the record whose piece came last."""

    def __init__(self, key: bytes) -> None:
        self._ours = re.compile(re.escape(key) + rb"/([01])/\d+")
        self._stamp = -1
        self._parts: list[bytes] = []

    def add(self, key: bytes | None, value: bytes | None) -> bytes | None:
        """Take a record of the topic; return what it completes, if it does.

        Pieces of one publication come in their order, as they were sent. What is none of ours, or
        out of order, completes nothing.
        """
        ours = self._ours.fullmatch(key or b"")
        if ours is None or value is None:
            return None
        self.turn = int(ours[1])
        head, _, part = value.partition(b"\n")
        match _numbers(head):
            case [int(stamp), int(number), int(count)]:
                return self._take(stamp, number, count, part)
        return None

    def _take(self, stamp: int, number: int, count: int, part: bytes) -> bytes | None:
        if number == 0:
            self._stamp, self._parts = stamp, []
        if stamp != self._stamp or number != len(self._parts):
            return None
        self._parts.append(part)
        return b"".join(self._parts) if len(self._parts) == count else None


def _numbers(head: bytes) -> object:
    try:
        return orjson.loads(head)
    except orjson.JSONDecodeError:
        return None
