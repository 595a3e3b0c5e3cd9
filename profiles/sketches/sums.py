"""Sums by key in two packed columns: the keys, sorted, and what was summed for each.

Both columns are `bytes` of fixed width, so adding to a sum decodes nothing, and all of them are
unpacked at once when they are read. The sums are as wide as the largest of them needs: the same
sums are the same bytes, whatever the order in which they came about.

Bounded like the sets in `packed`: the smallest or the largest keys are kept. A key that gave way
never comes back, so what is kept has been summed from its first event on.
"""

from typing import ClassVar, Self

from profiles.sketches import packed


class PackedSums:
    """Non-negative integers by key; subclasses say how wide keys are and which are kept.

    >>> days = DaySums()
    >>> [days.add(day, amount) for day, amount in ((b"ab", 100), (b"cd", 5), (b"ab", 400))]
    [True, True, False]
    >>> days.values(), days.pack()
    ([500, 5], [b'abcd', b'\\x01\\xf4\\x00\\x05'])
    """

    __slots__ = ("_width", "keys", "sums")

    KEY_WIDTH: ClassVar[int]
    LIMIT: ClassVar[int]
    KEEPS_LARGEST: ClassVar[bool]

    def __init__(self, keys: bytes = b"", sums: bytes = b"") -> None:
        self.keys = keys
        self.sums = sums
        self._width = len(sums) * self.KEY_WIDTH // len(keys) if keys else 1

    def __len__(self) -> int:
        return len(self.keys) // self.KEY_WIDTH

    def numbers(self) -> list[int]:
        """Return the keys as unsigned integers, ascending."""
        return packed.numbers(self.keys, self.KEY_WIDTH)

    def values(self) -> list[int]:
        """Return the sums in the order of the keys."""
        return packed.numbers(self.sums, self._width)

    def add(self, key: bytes, amount: int) -> bool:
        """Add `amount` (>= 0) to the sum of `key`; tell whether the key is new, and kept."""
        slot = packed.slot_of(self.keys, key)
        if slot < 0:
            return self._insert(key, amount)
        if amount:
            width = self._width
            at = slot * width
            total = int.from_bytes(self.sums[at : at + width]) + amount
            self._replace(at, at + width, total)
        return False

    def merged(self, other: Self) -> Self:
        """Return the sums of both."""
        if not other.keys or not self.keys:
            return self if self.keys else other
        totals = dict(zip(self._items(), self.values(), strict=True))
        for key, amount in zip(other._items(), other.values(), strict=True):
            totals[key] = totals.get(key, 0) + amount
        kept = sorted(totals)
        kept = kept[-self.LIMIT :] if self.KEEPS_LARGEST else kept[: self.LIMIT]
        result = type(self)(b"".join(kept))
        result._write([totals[key] for key in kept])
        return result

    def pack(self) -> list[bytes]:
        """Return plain values for the section's encoding."""
        return [self.keys, self.sums] if self.keys else []

    @classmethod
    def unpack(cls, values: list[bytes]) -> Self:
        """Read what `pack` wrote."""
        return cls(*values)

    def _items(self) -> list[bytes]:
        return packed.items(self.keys, self.KEY_WIDTH)

    def _insert(self, key: bytes, amount: int) -> bool:
        full = len(self) >= self.LIMIT
        if full and self._gives_way(key):
            return False
        slot = packed.place_of(self.keys, key)
        at = slot * self.KEY_WIDTH
        self.keys = self.keys[:at] + key + self.keys[at:]
        self._replace(slot * self._width, slot * self._width, amount)
        if full:
            self._drop()
        return True

    def _gives_way(self, key: bytes) -> bool:
        if self.KEEPS_LARGEST:
            return key < self.keys[: self.KEY_WIDTH]
        return key > self.keys[-self.KEY_WIDTH :]

    def _drop(self) -> None:
        """Drop the key beyond the limit; its sum may have been the one that was so wide."""
        if self.KEEPS_LARGEST:
            self.keys, values = self.keys[self.KEY_WIDTH :], self.values()[1:]
        else:
            self.keys, values = self.keys[: -self.KEY_WIDTH], self.values()[:-1]
        self._write(values)

    def _replace(self, start: int, end: int, total: int) -> None:
        """Write a sum over the bytes `start` to `end` of the column, all wider if it needs it."""
        width = self._width
        if total >> 8 * width:
            values = self.values()
            values[start // width : end // width] = [total]
            self._write(values)
        else:
            self.sums = self.sums[:start] + total.to_bytes(width) + self.sums[end:]

    def _write(self, values: list[int]) -> None:
        width = self._width = max(1, (max(values).bit_length() + 7) // 8)
        self.sums = b"".join([value.to_bytes(width) for value in values])


class OrderSums(PackedSums):
    """What was paid by order hash: the k minimum values (`packed.estimate_distinct`)."""

    __slots__ = ()
    KEY_WIDTH = packed.ORDER_WIDTH
    LIMIT = packed.MAX_ORDERS
    KEEPS_LARGEST = False


class DaySums(PackedSums):
    """What was paid by day (UTC), days since 1970-01-01: the newest.

    Written as the first day and the gaps behind it, a byte each, where none is longer.
    """

    __slots__ = ()
    KEY_WIDTH = packed.DAY_WIDTH
    LIMIT = packed.MAX_DAYS
    KEEPS_LARGEST = True

    def pack(self) -> list[bytes]:
        """Return plain values for the section's encoding."""
        gaps = packed.gaps(self.keys)
        return super().pack() if gaps is None else [self.keys[: self.KEY_WIDTH], self.sums, gaps]

    @classmethod
    def unpack(cls, values: list[bytes]) -> Self:
        """Read what `pack` wrote."""
        if len(values) < len(("first", "sums", "gaps")):
            return cls(*values)
        first, sums, gaps = values
        return cls(packed.days_after(first, gaps), sums)
