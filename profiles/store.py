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


class Master(NamedTuple):
    """A master of a cluster: the slots it serves (first, last), and what was found there.

    `marks` is text: its resume marks of the partition, separated by commas, empty where not set.
    """

    name: str
    slots: tuple[tuple[int, int], ...]
    incarnation: str
    marks: bytes

    def lowest(self, epoch: int) -> Mark | None:
        """Return the lowest of its marks, None where one is missing."""
        texts = set(self.marks.split(b","))
        return lowest([Mark.decode(text) if text else None for text in texts], epoch)


class Footing(NamedTuple):
    """What a writer stands on: the partition's resume mark, and the server's incarnation.

    The incarnation changes whenever the server restarts or another one takes over, so whoever
    wrote before a store went back to an earlier state is told (docs/protocol.md, rule 7). A
    cluster has both of each of its `masters`, and its `mark` is the lowest.
    """

    mark: Mark | None
    incarnation: str
    masters: tuple[Master, ...] = ()

    def resume_mark(self, epoch: int) -> Mark | None:
        """Return the mark to resume at in the topic's life `epoch`."""
        marks = [master.lowest(epoch) for master in self.masters]
        return lowest(marks or [self.mark], epoch)


def lowest(marks: Sequence[Mark | None], epoch: int) -> Mark | None:
    """Return the lowest mark: one that is missing, then one of another life of the topic.

    >>> lowest([Mark(2, 5), Mark(2, 3)], 2), lowest([Mark(2, 5), Mark(1, 9)], 2)
    (Mark(epoch=2, position=3), Mark(epoch=1, position=9))
    """
    known = [mark for mark in marks if mark is not None]
    if len(known) < len(marks):
        return None
    return min(known, key=lambda mark: (mark.epoch == epoch, mark.position))


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


def are_stored(outcomes: Sequence[Outcome]) -> bool:
    """Tell whether a chunk is done with: no customer of it has to be folded again."""
    return all(outcome is Outcome.STORED for outcome in outcomes)


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

    async def finish(
        self, partition: Partition, footing: Footing, writes: Sequence[Write], to: Mark
    ) -> tuple[list[Outcome], Footing]:
        """Apply the last chunk of a batch; only where all of it is stored, move the mark to `to`.

        Returns the outcomes, and the footing behind them.

        Raises:
            StoreMovedError: the store is not where `footing` saw it.
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
