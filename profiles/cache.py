"""The worker's cache of customers: encoded sections, bounded in bytes, least recently used first.

Sections are cached as the very bytes that are stored. They are immutable, so a fold can never
change the cache before the store has said yes (docs/protocol.md, rule 4).
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from profiles.store import Sections

OVERHEAD_BYTES = 600
"""Python's own cost of one entry: keys, dictionaries, object headers (measured, rounded up)."""


class Cached(NamedTuple):
    """Sections as stored, and the public fields that this worker wrote with them."""

    sections: Sections
    fields: (
        bytes  # in parts, packed by `profiles.update`; what is not known to be stored is not cached
    )

    @property
    def size(self) -> int:
        """Approximate bytes of memory."""
        return OVERHEAD_BYTES + len(self.fields) + sum(map(len, self.sections.values()))


class Writing:
    """A write on its way to the store; what it stores is cached, unless something came between.

    Its answer may come late. If meanwhile all was forgotten, or another write of the customer was
    on its way, or somebody has read the customer from the store, then newer sections may be known
    than those of this write: they are not cached.
    """

    def __init__(self, cache: "SectionCache") -> None:
        self.overtaken: set[str] = set()
        self.forgotten = False
        self._cache = cache

    def stored(self, customer: str, entry: Cached) -> None:
        """Cache what the store has taken."""
        if not self.forgotten and customer not in self.overtaken:
            self._cache.put(customer, entry)


class SectionCache:
    """Customers by id.

    >>> cache = SectionCache(limit_bytes=1500)
    >>> for customer in "abc": cache.put(customer, Cached({"purchase/0": b"x" * 50}, b""))
    >>> cache.get("a") is None, cache.get("c") is None
    (True, False)
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._entries: OrderedDict[str, Cached] = OrderedDict()
        self._on_their_way: dict[str, list[Writing]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, customer: str) -> Cached | None:
        """Return the entry and note its use; who gets none reads the store."""
        entry = self._entries.get(customer)
        if entry is not None:
            self._entries.move_to_end(customer)
        else:
            self._overtake(customer)
        return entry

    def peek(self, customer: str) -> Cached | None:
        """Return the entry without noting a use."""
        return self._entries.get(customer)

    @contextmanager
    def writing(self, customers: Sequence[str]) -> Iterator[Writing]:
        """Forget customers that are being written: unknown until the store has answered."""
        writing = Writing(self)
        for customer in customers:
            self.drop(customer)
            others = self._on_their_way.setdefault(customer, [])
            others.append(writing)
            if len(others) > 1:
                self._overtake(customer)
        try:
            yield writing
        finally:
            for customer in customers:
                others = self._on_their_way[customer]
                others.remove(writing)
                if not others:
                    del self._on_their_way[customer]

    def is_being_written(self, customer: str) -> bool:
        """Tell whether a write of the customer is on its way to the store."""
        return customer in self._on_their_way

    def put(self, customer: str, entry: Cached) -> None:
        """Keep an entry that the store holds; older ones give way."""
        self.drop(customer)
        self._entries[customer] = entry
        self._size += entry.size
        while self._size > self._limit and self._entries:
            _, oldest = self._entries.popitem(last=False)
            self._size -= oldest.size

    def drop(self, customer: str) -> None:
        """Forget one customer."""
        entry = self._entries.pop(customer, None)
        if entry is not None:
            self._size -= entry.size

    def clear(self) -> None:
        """Forget everybody."""
        self._entries.clear()
        self._size = 0
        for writings in self._on_their_way.values():
            for writing in writings:
                writing.forgotten = True

    def _overtake(self, customer: str) -> None:
        for writing in self._on_their_way.get(customer, ()):
            writing.overtaken.add(customer)
