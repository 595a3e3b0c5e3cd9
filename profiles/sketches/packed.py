"""Sorted sets of fixed-width big-endian items in one `bytes`: nothing to decode, little to store.

A set is the concatenation of its items in ascending order. It is immutable, so a cached section
can share it with the copy that is being folded. Two bounded forms are used:

- *k minimum values* of order hashes (Bar-Yossef et al., RANDOM 2002): exact up to k, an
  estimate beyond;
- the *newest n days* on which a customer bought.

Both keep the k extreme items of a union, so merging is associative, commutative, and has `b""`
as its neutral element.
"""

from bisect import bisect_left

ORDER_WIDTH = 6
"""Bytes of an order's hash: two of 256 orders collide with probability 1e-10."""

MAX_ORDERS = 256
"""Order hashes kept: fewer orders are counted exactly, more with a standard error of 6.3 %."""

DAY_WIDTH = 2
"""Bytes of a day number (days since 1970-01-01, until 2149)."""

MAX_DAYS = 366
"""Purchase days kept: gaps between purchases are those of the newest 366 purchase days."""


def contains(packed: bytes, item: bytes) -> bool:
    """Tell whether `item` stands in `packed` on a multiple of its own width.

    >>> contains(b"aabbcc", b"bb"), contains(b"aabbcc", b"ab")
    (True, False)
    """
    width = len(item)
    at = packed.find(item)
    while at > 0 and at % width:
        at = packed.find(item, at + 1)
    return at >= 0


def insert(packed: bytes, item: bytes) -> bytes:
    """Return `packed` with `item` in its sorted place; the caller knows that it is not there yet.

    >>> insert(b"aacc", b"bb")
    b'aabbcc'
    """
    width = len(item)
    if packed[-width:] < item:  # the usual case: days come in order
        return packed + item
    slots = range(len(packed) // width)
    at = width * bisect_left(slots, item, key=lambda i: packed[i * width : (i + 1) * width])
    return packed[:at] + item + packed[at:]


def union(a: bytes, b: bytes, width: int) -> bytes:
    """Return the sorted union of two packed sets.

    >>> union(b"aacc", b"bbcc", 2)
    b'aabbcc'
    """
    if not a or not b:
        return a or b
    return b"".join(sorted(set(_items(a, width)) | set(_items(b, width))))


def smallest(packed: bytes, width: int, limit: int) -> bytes:
    """Return the `limit` smallest items."""
    return packed[: width * limit]


def largest(packed: bytes, width: int, limit: int) -> bytes:
    """Return the `limit` largest items."""
    return packed[-width * limit :]


def numbers(packed: bytes, width: int) -> list[int]:
    """Return the items as unsigned integers, ascending.

    >>> numbers(b"\\x00\\x01\\x00\\x09", 2)
    [1, 9]
    """
    return [int.from_bytes(item, "big") for item in _items(packed, width)]


def estimate_distinct(hashes: bytes, width: int = ORDER_WIDTH, limit: int = MAX_ORDERS) -> int:
    """Return the number of distinct items behind the `limit` smallest hashes.

    Exact below `limit`; beyond, (k - 1) / (kth smallest hash as a share of the hash range), the
    unbiased estimator of Beyer et al. (SIGMOD 2007), standard error 1 / sqrt(k - 2).

    >>> estimate_distinct(b"aaaaaabbbbbb")
    2
    """
    count = len(hashes) // width
    if count < limit:
        return count
    kth = int.from_bytes(hashes[-width:], "big")
    return max(count, round((limit - 1) * 2.0 ** (8 * width) / (kth + 1)))


def _items(packed: bytes, width: int) -> list[bytes]:
    return [packed[i : i + width] for i in range(0, len(packed), width)]
