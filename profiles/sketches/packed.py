"""Columns of fixed-width big-endian items in one `bytes`: nothing to decode, little to store.

A set is the concatenation of its items in ascending order. Two bounded forms are used, with a sum
beside each item (`sums`):

- *k minimum values* of order hashes (Bar-Yossef et al., RANDOM 2002): exact up to k, an
  estimate beyond;
- the *newest n days* on which a customer bought.

Both keep the k extreme items of a union, so merging is associative and commutative, and the empty
set is its neutral element.
"""

from bisect import bisect_left
from itertools import accumulate
from operator import sub
from struct import calcsize, pack, unpack

ORDER_WIDTH = 4
"""Bytes of an order's hash: two of 256 orders collide with probability 8e-6."""

MAX_ORDERS = 256
"""Order hashes kept: fewer orders are counted exactly, more with a standard error of 6.3 %."""

DAY_WIDTH = 2
"""Bytes of a day number (days since 1970-01-01, until 2149)."""

MAX_DAYS = 366
"""Purchase days kept: gaps between purchases are those of the newest 366 purchase days."""

WORDS = {1: "B", 2: "H", 3: "I", 4: "I", 5: "Q", 6: "Q", 7: "Q", 8: "Q"}
"""Words that numbers of so many bytes are unpacked as, by their `struct` codes."""


def slot_of(packed: bytes, item: bytes) -> int:
    """Return where `item` stands in `packed`, counted in items of its own width; -1 for nowhere.

    >>> slot_of(b"aabbcc", b"bb"), slot_of(b"aabbcc", b"ab")
    (1, -1)
    """
    width = len(item)
    at = packed.find(item)
    while at > 0 and at % width:
        at = packed.find(item, at + 1)
    return at // width


def contains(packed: bytes, item: bytes) -> bool:
    """Tell whether `item` stands in `packed` on a multiple of its own width.

    >>> contains(b"aabbcc", b"bb"), contains(b"aabbcc", b"ab")
    (True, False)
    """
    return slot_of(packed, item) >= 0


def place_of(packed: bytes, item: bytes) -> int:
    """Return the sorted place of an item that is not there yet, counted in items.

    >>> place_of(b"aacc", b"bb"), place_of(b"aacc", b"dd")
    (1, 2)
    """
    width = len(item)
    count = len(packed) // width
    if packed[-width:] < item:  # the usual case: days come in order
        return count
    return bisect_left(range(count), item, key=lambda i: packed[i * width : (i + 1) * width])


def items(packed: bytes, width: int) -> list[bytes]:
    """Return the items as they are.

    >>> items(b"aabbcc", 2)
    [b'aa', b'bb', b'cc']
    """
    return [packed[i : i + width] for i in range(0, len(packed), width)]


def numbers(packed: bytes, width: int) -> list[int]:
    """Return the items as unsigned integers, in their order.

    >>> numbers(b"\\x00\\x01\\x00\\x09", 2)
    [1, 9]
    """
    if width not in WORDS:
        return [int.from_bytes(item) for item in items(packed, width)]
    count = len(packed) // width
    code = f">{count}{WORDS[width]}"
    size = calcsize(code)
    return list(unpack(code, packed if size == len(packed) else _widened(packed, width, size)))


def _widened(packed: bytes, width: int, size: int) -> bytearray:
    """Return the items in words of `size` bytes together, each with zeros before it."""
    words = bytearray(size)
    word = size * width // len(packed)
    for byte in range(width):
        words[word - width + byte :: word] = packed[byte::width]
    return words


def gaps(days: bytes) -> bytes | None:
    """Return the differences of ascending days, a byte each; None for fewer than three, or wider.

    >>> gaps(b"\\x00\\x09\\x00\\x0a\\x01\\x00"), gaps(b"\\x00\\x09\\x00\\x0a\\x02\\x00")
    (b'\\x01\\xf6', None)
    """
    count = len(days) // DAY_WIDTH
    if count < 3:  # the header would take what it saves
        return None
    numbers = unpack(f">{count}H", days)
    between = list(map(sub, numbers[1:], numbers))
    return bytes(between) if max(between) < 256 else None


def days_after(first: bytes, gaps: bytes) -> bytes:
    """Return the days that `gaps` was made of.

    >>> days_after(b"\\x00\\x09", b"\\x01\\xf6")
    b'\\x00\\t\\x00\\n\\x01\\x00'
    """
    days = accumulate(gaps, initial=int.from_bytes(first))
    return pack(f">{len(gaps) + 1}H", *days)


def estimate_distinct(hashes: bytes, width: int = ORDER_WIDTH, limit: int = MAX_ORDERS) -> int:
    """Return the number of distinct items behind the `limit` smallest hashes.

    Exact below `limit`; beyond, (k - 1) / (kth smallest hash as a share of the hash range), the
    unbiased estimator of Beyer et al. (SIGMOD 2007), standard error 1 / sqrt(k - 2).

    >>> estimate_distinct(b"aaaabbbb")
    2
    """
    count = len(hashes) // width
    if count < limit:
        return count
    kth = int.from_bytes(hashes[-width:], "big")
    return max(count, round((limit - 1) * 2.0 ** (8 * width) / (kth + 1)))
