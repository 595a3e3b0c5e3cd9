"""Tallies: exact counts by small integer, in a dict; absent is zero."""

from itertools import chain

Tally = dict[int, int]


def added(a: Tally, b: Tally) -> Tally:
    """Add two tallies.

    >>> added({1: 2}, {1: 1, 5: 1})
    {1: 3, 5: 1}
    """
    return a | {key: a.get(key, 0) + count for key, count in b.items()}


def pack(tally: Tally) -> list[int]:
    """Return keys, ascending, and counts in turn: equal tallies are equal bytes.

    >>> pack({5: 1, 1: 2})
    [1, 2, 5, 1]
    """
    return list(chain.from_iterable(sorted(tally.items())))


def unpack(values: list[int]) -> Tally:
    """Read what `pack` wrote."""
    return dict(zip(values[::2], values[1::2], strict=True))
