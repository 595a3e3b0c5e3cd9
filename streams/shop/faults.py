"""Malformed copies of events, as broken producers send them."""

from collections.abc import Callable
from random import Random
from typing import Final

# b"" is left out: on a compacted topic it would be a tombstone
_DAMAGES: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda payload: payload[: len(payload) // 2],  # cut off
    lambda payload: payload.replace(b'"', b"\xff", 1),  # not UTF-8
    lambda payload: payload.replace(b'"type":"', b'"type":"un', 1),  # no such type
    lambda payload: payload.replace(b'"customer_id"', b'"client"', 1),  # nobody's
    lambda payload: payload.replace(b'"ts":', b'"ts":-', 1),  # before 1970
    lambda payload: b"[" + payload + b"]",  # not an object
)


def damage(payload: bytes, rng: Random) -> bytes:
    """Break an event in one of the ways above.

    >>> from random import Random
    >>> damage(b'{"type":"browse"}', Random(2))
    b'{"type":'
    """
    return rng.choice(_DAMAGES)(payload)
