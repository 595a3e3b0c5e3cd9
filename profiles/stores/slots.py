"""Which master of a Redis Cluster serves which slot, and the hash tags of its marks."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from typing import NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

Ranges = tuple[tuple[int, int], ...]
"""Slots as ranges (first, last)."""

MARK_SLOTS = 128
"""Every range of so many slots has a mark, so each master of 255 neighbouring slots has one."""


class Layout(NamedTuple):
    """Masters by name with the slots they serve, ordered by slot.

    >>> layout = Layout.of(dict.fromkeys(range(100), "a") | dict.fromkeys(range(100, 16384), "b"))
    >>> layout.served
    (('a', ((0, 99),)), ('b', ((100, 16383),)))
    >>> layout.master_of(b"profile:{17850}")
    'b'
    """

    served: tuple[tuple[str, Ranges], ...]
    firsts: tuple[int, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, masters: Mapping[int, str]) -> "Layout":
        """Build it from every slot's master."""
        ranges: list[tuple[str, int, int]] = []
        for name, slots in groupby(sorted(masters), key=lambda slot: masters[slot]):
            found = list(slots)
            ranges.append((name, found[0], found[-1]))
        names = dict.fromkeys(name for name, _, _ in ranges)
        served = [
            (name, tuple((first, last) for owner, first, last in ranges if owner == name))
            for name in names
        ]
        firsts = tuple(first for _, first, _ in ranges)
        return cls(tuple(served), firsts, tuple(name for name, _, _ in ranges))

    def master_of(self, key: bytes) -> str:
        """Return the name of the master that serves a key."""
        return self.names[bisect_right(self.firsts, key_slot(key)) - 1]


@cache
def tags() -> tuple[tuple[str, int], ...]:
    """Return a hash tag for every range of `MARK_SLOTS` slots, and its slot.

    A tag is the smallest number whose slot lies in the range.

    >>> len(tags()), tags()[0]
    (128, ('14', 115))
    """
    found: dict[int, tuple[str, int]] = {}
    number = 0
    while len(found) < REDIS_CLUSTER_HASH_SLOTS // MARK_SLOTS:
        slot = key_slot(b"%d" % number)
        found.setdefault(slot // MARK_SLOTS, (str(number), slot))
        number += 1
    return tuple(found[place] for place in sorted(found))


@cache
def tags_in(ranges: Ranges) -> tuple[str, ...]:
    """Return the tags whose slots lie in `ranges`."""
    return tuple(tag for tag, slot in tags() if any(a <= slot <= b for a, b in ranges))
