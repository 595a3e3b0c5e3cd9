"""Tallies: exact counts by small integer, in a dict; absent is zero."""

Tally = dict[int, int]


def added(a: Tally, b: Tally) -> Tally:
    """Add two tallies.

    >>> added({1: 2}, {1: 1, 5: 1})
    {1: 3, 5: 1}
    """
    return a | {key: a.get(key, 0) + count for key, count in b.items()}
