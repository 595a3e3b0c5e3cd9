"""What the write protocol asks of a store (docs/protocol.md); implementations are in `stores/`."""

from collections.abc import AsyncIterator, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from profiles.keyspace import Partition

Sections = dict[str, bytes]
"""A customer's encoded sections by field, `<kind>/<partition>`."""

CHUNK = 100
"""Customers per write: readers of Redis wait while one script runs (about 5 ms at 100)."""


class Mark(NamedTuple):
    """Resume mark: everything before `position` of the topic's life `epoch` is in the sections."""

    epoch: int
    position: int

    def encode(self) -> bytes:
        """Return the stored text.

        >>> Mark(10, 7).encode()
        b'000000000000000a:7'
        """
        return b"%016x:%d" % self

    @classmethod
    def decode(cls, text: bytes) -> "Mark":
        """Read the stored text."""
        epoch, position = text.split(b":")
        return cls(int(epoch, 16), int(position))


class Footing(NamedTuple):
    """What a writer stands on: the partition's resume mark, and the server's incarnation.

    The incarnation changes whenever the server restarts or another one takes over, so whoever
    wrote before a store went back to an earlier state is told (docs/protocol.md, rule 7).
    """

    mark: Mark | None
    incarnation: str


class State(NamedTuple):
    """What is stored about a customer; `stale`: the public fields lag behind the sections."""

    sections: Sections
    stale: bool = False


class Write(NamedTuple):
    """One customer's share of a batch.

    `base` is the header that the fold started from (`b""`: no section), `section` the new encoded
    section. `siblings` are the headers of the customer's other sections that the public fields
    were derived from. `replace` writes a whole profile, else `fields` are those that changed and
    `removed` those that ended. A *refresh* has neither field, base nor section: it writes a whole
    profile if all sections are as in `siblings`.
    """

    customer: str
    field: str
    base: bytes
    section: bytes
    siblings: dict[str, bytes]
    fields: dict[str, str]
    removed: list[str]
    replace: bool


class Outcome(IntEnum):
    """What became of one write."""

    STORED = 0
    SECTION_ONLY = 1  # a sibling moved: the public fields are stale, to be derived again
    CONTAINED = 2  # the stored section is already as far
    CONFLICT = 3  # the stored section is not the base: load and fold again
    REFUSED = 4  # another fold version or topic epoch


class Store(Protocol):
    """Sections, public profiles and resume marks."""

    async def load(self, customers: Sequence[str]) -> list[State]:
        """Return the state of each customer, empty where there is none."""
        ...

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        """Apply a chunk of writes, provided that the store still is where `footing` saw it.

        Raises:
            StoreMovedError: it is not; nothing was written.
        """
        ...

    async def advance(
        self, partition: Partition, footing: Footing, to: Mark, lost: int = 0
    ) -> Footing:
        """Move the resume mark from where `footing` saw it to `to`; return the new footing.

        `lost` offsets that the log no longer held are added to the partition's gap counter.

        Raises:
            StoreMovedError: the store is not where `footing` saw it; nothing was changed.
        """
        ...

    async def footing(self, partition: Partition) -> Footing:
        """Return the partition's resume mark (None: nothing was read yet) and the incarnation."""
        ...

    def scan(self) -> AsyncIterator[tuple[str, State]]:
        """Walk over all customers and their states, in no order."""
        ...

    async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        """Return public profiles, empty where there are none."""
        ...

    async def profile(self, customer: str) -> dict[str, str]:
        """Return a public profile, empty where there is none."""
        ...
