"""The second oracle: the product's own fold, one record at a time, into a store in memory.

It holds sections and public fields to the byte; that the fold counts rightly, the first one says.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from profiles.cache import SectionCache
from profiles.derive import Deriver
from profiles.keyspace import Partition
from profiles.settings import Settings
from profiles.store import Mark
from profiles.stores.memory import MemoryStore
from profiles.traits import catalogue
from profiles.update import Batch, ProfileUpdater
from schemas.decode import decode
from schemas.topics import Kind

HOUR_MS = 3_600_000


class Record(NamedTuple):
    """What `decode` reads of a record."""

    value: bytes | None
    timestamp: int


class Folded:
    """Folds records one by one, in the order of their partitions' logs."""

    def __init__(self, settings: Settings) -> None:
        self.store = MemoryStore()
        self._future_ms = int(settings.max_future_hours * HOUR_MS)
        deriver = Deriver(
            catalogue(settings.rfm_tiers),
            settings.base_currency,
            lambda rows, _: [{} for _ in rows],
        )
        self._updater = ProfileUpdater(self.store, SectionCache(64 << 20), deriver)
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """End the loop that the store's coroutines run in."""
        self._loop.close()

    def fold(self, kind: Kind, epoch: int, message: Any) -> None:
        """Take one record of a topic of this kind, in its life `epoch`."""
        record = Record(message.value(), message.timestamp()[1])
        accepted = decode(kind, [record], self._future_ms).accepted
        if accepted:
            partition = Partition(kind, message.partition())
            batch = Batch(partition, epoch, [(message.offset(), accepted[0][1])])
            self._loop.run_until_complete(self._fold(batch))

    async def _fold(self, batch: Batch) -> None:
        footing = await self.store.footing(batch.partition)
        if footing.mark is None:
            footing = await self.store.advance(batch.partition, footing, Mark(batch.epoch, 0))
        await self._updater.write(footing, await self._updater.fold(batch))

    def states(self) -> Iterator[tuple[str, dict[str, bytes], dict[str, str]]]:
        """Yield each customer's sections and public fields."""
        for customer, sections in self.store.sections.items():
            yield customer, sections, self.store.profiles.get(customer, {})
