"""The store in plain dictionaries: the protocol's reference, for tests and for reading along."""

from collections.abc import AsyncIterator, Sequence

from profiles.errors import StoreMovedError
from profiles.keyspace import Partition
from profiles.sections.section import HEADER_SIZE, Header
from profiles.store import Footing, Mark, Outcome, Sections, State, Write
from profiles.stores.steps import write_then_advance


class MemoryStore:
    """A store that forgets everything with the process."""

    def __init__(self) -> None:
        self.sections: dict[str, Sections] = {}
        self.stale: set[str] = set()
        self.profiles: dict[str, dict[str, str]] = {}
        self.marks: dict[Partition, Mark] = {}
        self.gaps: dict[Partition, int] = {}
        self.incarnation = "memory"

    async def load(self, customers: Sequence[str]) -> list[State]:
        """Return the state of each customer."""
        return [self._state(customer) for customer in customers]

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        """Apply a chunk of writes."""
        await self._check(partition, footing)
        return [self._write(write) for write in writes]

    async def finish(
        self, partition: Partition, footing: Footing, writes: Sequence[Write], to: Mark
    ) -> tuple[list[Outcome], Footing]:
        """Apply the last chunk of a batch, then move the mark where all of it is stored."""
        return await write_then_advance(self, partition, footing, writes, to)

    async def advance(
        self, partition: Partition, footing: Footing, to: Mark, lost: int = 0
    ) -> Footing:
        """Move the resume mark; asked twice, because an answer was lost, answer the same."""
        if await self.footing(partition) == footing:
            self.marks[partition] = to
            self.gaps[partition] = self.gaps.get(partition, 0) + lost
        after = await self.footing(partition)
        if after != Footing(to, footing.incarnation):
            raise StoreMovedError(str(partition), footing, after)
        return after

    async def footing(self, partition: Partition) -> Footing:
        """Return resume mark and incarnation."""
        return Footing(self.marks.get(partition), self.incarnation)

    async def scan(self) -> AsyncIterator[tuple[str, State]]:
        """Walk over all customers."""
        for customer in list(self.sections):
            yield customer, self._state(customer)

    async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        """Return public profiles."""
        return [await self.profile(customer) for customer in customers]

    async def profile(self, customer: str) -> dict[str, str]:
        """Return a public profile."""
        return dict(self.profiles.get(customer, {}))

    def _state(self, customer: str) -> State:
        return State(dict(self.sections.get(customer, {})), customer in self.stale)

    async def _check(self, partition: Partition, footing: Footing) -> None:
        current = await self.footing(partition)
        if current != footing:
            raise StoreMovedError(str(partition), footing, current)

    def _write(self, write: Write) -> Outcome:
        sections = self.sections.get(write.customer, {})
        if not write.section:
            return self._refresh(write, sections)
        stored = sections.get(write.field, b"")[:HEADER_SIZE]
        if stored != write.base or (stored and stored[:2] != write.section[:2]):
            return _mismatch(stored, write.base, write.section)
        siblings = _headers(sections)
        siblings.pop(write.field, None)
        self.sections.setdefault(write.customer, {})[write.field] = write.section
        if siblings != write.siblings:
            self.stale.add(write.customer)
            return Outcome.SECTION_ONLY
        self._publish(write)
        return Outcome.STORED

    def _refresh(self, write: Write, sections: Sections) -> Outcome:
        if _headers(sections) != write.siblings:
            return Outcome.CONFLICT
        self._publish(write)
        return Outcome.STORED

    def _publish(self, write: Write) -> None:
        profile = self.profiles.setdefault(write.customer, {})
        if write.replace:
            profile.clear()
        profile.update(write.fields)
        for name in write.removed:
            profile.pop(name, None)
        self.stale.discard(write.customer)


def _headers(sections: Sections) -> dict[str, bytes]:
    return {field: section[:HEADER_SIZE] for field, section in sections.items()}


def _mismatch(stored: bytes, base: bytes, section: bytes) -> Outcome:
    """Say why a write cannot be stored: its base is not the stored header, or other code's."""
    if not stored:
        return Outcome.CONFLICT
    old, new = Header.of(stored), Header.of(section)
    if old.version != new.version:
        return Outcome.REFUSED
    if old.epoch == new.epoch:
        return Outcome.CONTAINED if old.watermark >= new.watermark else Outcome.CONFLICT
    of_base = bool(base) and Header.of(base).epoch == old.epoch
    return Outcome.CONFLICT if of_base else Outcome.REFUSED
