"""Feature vectors by the product's own fold: at every order, and of everybody at given moments."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.learning.events import Event, by_day
from profiles.cache import SectionCache
from profiles.derive import Deriver
from profiles.keyspace import Partition
from profiles.scores import LiveScores
from profiles.sections.section import Section
from profiles.store import Mark
from profiles.stores.memory import MemoryStore
from profiles.traits import Catalogue
from profiles.traits.parts import Parts
from profiles.update import Batch, ProfileUpdater
from profiles.view import View
from schemas.topics import Kind

CACHE_BYTES = 256 << 20
ORDER = ("purchase", "browse", "feedback", "customer")
"""Within a day purchases come first: no vector can know of a click after its order."""


class Vector(NamedTuple):
    """What models see of a customer at a moment (epoch ms)."""

    customer: str
    at: int
    features: list[float]


class VectorsOnly(Deriver):
    """Spares the public fields, which nobody reads here."""

    def parts(self, views: Sequence[View], *_: Any) -> list[Parts]:
        return [[] for _ in views]


class Fold:
    """A worker without broker or Redis: one partition of each kind, a day at a time."""

    def __init__(self, currency: str) -> None:
        self._store = MemoryStore()
        self._deriver = VectorsOnly(Catalogue([]), currency, LiveScores())
        self._updater = ProfileUpdater(self._store, SectionCache(CACHE_BYTES), self._deriver)
        self._ends: Counter[Kind] = Counter()

    async def run(
        self, events: list[Event], moments: Sequence[int] = ()
    ) -> tuple[list[Vector], list[Vector]]:
        """Return the vectors at orders, and everybody's just before `moments` (midnights)."""
        at_orders: list[Vector] = []
        at_moments: list[Vector] = []
        waiting = sorted(moments, reverse=True)
        for day, of_day in by_day(events):
            while waiting and waiting[-1] <= day:
                at_moments += self.everybody(waiting.pop() - 1)
            at_orders += await self._take(of_day)
        for moment in reversed(waiting):
            at_moments += self.everybody(moment - 1)
        return at_orders, at_moments

    def everybody(self, at: int) -> list[Vector]:
        """Vectors of all customers as of now, seen from `at`."""
        return [
            Vector(customer, at, self._deriver.features(_view(sections), at))
            for customer, sections in self._store.sections.items()
        ]

    async def _take(self, events: list[Event]) -> list[Vector]:
        vectors: list[Vector] = []
        for kind in ORDER:
            start = self._ends[kind]
            numbered = list(enumerate((dict(e) for k, e in events if k == kind), start))
            if numbered:
                self._ends[kind] += len(numbered)
                vectors += await self._write(Batch(Partition(kind, 0), 1, numbered))
        return vectors

    async def _write(self, batch: Batch) -> list[Vector]:
        footing = await self._store.footing(batch.partition)
        if footing.mark is None:
            footing = await self._store.advance(batch.partition, footing, Mark(1, 0))
        update = await self._updater.fold(batch)
        await self._updater.write(footing, update)
        return [
            Vector(each.customer, each.event["ts"], each.features)
            for each in update.moments
            if each.kind == "order"
        ]


def _view(sections: dict[str, bytes]) -> View:
    pairs = ((field.partition("/")[0], encoded) for field, encoded in sections.items())
    return View.of([(kind, Section.decode(kind, encoded).facts) for kind, encoded in pairs])
