"""Feature vectors by the product's own fold: when it asks, and of everybody at given moments."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from benchmarks.learning.events import Event, by_day, kind_of
from profiles.cache import SectionCache
from profiles.changes import Batch
from profiles.derive import Deriver
from profiles.keyspace import Partition
from profiles.learning.model import Tastes
from profiles.scores import LiveScores
from profiles.sections.section import Section
from profiles.store import Mark
from profiles.stores.memory import MemoryStore
from profiles.traits import Catalogue
from profiles.traits.parts import Parts
from profiles.update import ProfileUpdater
from profiles.view import View
from schemas.topics import Kind

CACHE_BYTES = 256 << 20
ORDER = ("purchase", "browse", "feedback", "customer")
"""Within a day purchases come first: no vector can know of a click after its order."""


class Vector(NamedTuple):
    """What models see of a customer at a moment (epoch ms); `kind`: what was asked at then."""

    customer: str
    at: int
    features: list[float]
    kind: str = ""
    tastes: Tastes = {}  # noqa: RUF012 - never changed; a tuple's default is no class attribute


class VectorsOnly(Deriver):
    """Spares the public fields, which nobody reads here."""

    def parts(self, views: Sequence[View], *_: Any) -> list[Parts]:
        return [[] for _ in views]


class Fold:
    """A worker without broker or Redis: one partition of each kind.

    It takes a day at a time or, `in_order`, the events exactly as they came, which takes longer.
    """

    def __init__(self, currency: str, *, in_order: bool = False) -> None:
        self._in_order = in_order
        self._store = MemoryStore()
        self._deriver = VectorsOnly(Catalogue([]), currency, LiveScores())
        self._updater = ProfileUpdater(self._store, SectionCache(CACHE_BYTES), self._deriver)
        self._ends: Counter[Kind] = Counter()

    async def run(
        self, events: list[Event], moments: Sequence[int] = ()
    ) -> tuple[list[Vector], list[Vector]]:
        """Return the vectors when asked, and everybody's just before `moments` (midnights)."""
        when_asked: list[Vector] = []
        at_moments: list[Vector] = []
        waiting = sorted(moments, reverse=True)
        for day, of_day in by_day(events):
            while waiting and waiting[-1] <= day:
                at_moments += self.everybody(waiting.pop() - 1)
            for part in self._parts(of_day):
                when_asked += await self._take(part)
        for moment in reversed(waiting):
            at_moments += self.everybody(moment - 1)
        return when_asked, at_moments

    def _parts(self, of_day: list[Event]) -> Iterator[list[Event]]:
        if not self._in_order:
            yield of_day
            return
        for _, part in groupby(of_day, key=kind_of):
            yield list(part)

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
            Vector(each.customer, each.event["ts"], each.features, each.kind, each.tastes)
            for each in update.moments
            if each.kind
        ]


def _view(sections: dict[str, bytes]) -> View:
    pairs = ((field.partition("/")[0], encoded) for field, encoded in sections.items())
    return View.of([(kind, Section.decode(kind, encoded).facts) for kind, encoded in pairs])
