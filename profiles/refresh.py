"""Profiles of customers who do nothing: windows fall, scores follow models and the population.

A refresh derives the public fields again from the same sections, as of a later moment, and writes
them if they differ (docs/protocol.md: no section changes, a concurrent write wins). The moment is
the beginning of a day by the event time that is passed in: nothing changes within a day.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import NamedTuple

import msgpack

from profiles.cache import Cached, SectionCache
from profiles.derive import Deriver
from profiles.errors import StoreMovedError
from profiles.keyspace import Partition
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.purchase import DAY_MS
from profiles.sections.section import HEADER_SIZE, Header, Section
from profiles.store import Footing, Outcome, Sections, State, Store, Write
from profiles.traits.catalogue import Known
from profiles.traits.parts import Fields, Parts, joined
from profiles.view import View
from profiles.words import said_of

SLICE = 25
"""Customers derived at once: a worker's events wait for about 5 ms."""

STAMP = "as_of"
STAMP_ENDS = (".version",)
"""Fields that say what a profile was derived from and when: alone they make no difference."""

Stand = tuple[Partition, Footing]


class Refreshed(NamedTuple):
    """A customer whose public fields have changed although the sections have not."""

    customer: str
    sections: Sections
    parts: Parts


class Refresher:
    """Walks over the store, a few customers at a time, and begins again at its end.

    `stand` tells where this worker stands in the partition of a section's field, None where it
    does not: each customer is refreshed by the worker that owns the first of their sections.
    """

    def __init__(
        self,
        store: Store,
        cache: SectionCache,
        deriver: Deriver,
        stand: Callable[[str], Stand | None],
        folding: Folding = DEFAULT_FOLDING,
    ) -> None:
        self._store = store
        self._cache = cache
        self._deriver = deriver
        self._stand = stand
        self._folding = folding
        self._walk: AsyncIterator[tuple[str, State]] | None = None

    async def tick(self, now: int, customers: int) -> int:
        """Look at the next customers, as of event time `now` (ms); return how many were written.

        At the end of the walk it stops, rather than look at anybody twice.
        """
        if self._walk is None:
            self._walk = self._store.scan()
        looked = written = 0
        while looked < customers and self._walk is not None:
            found = await self._next_slice(self._walk)
            looked += len(found)
            for field, ours in self._ours(found).items():
                written += await self._refresh(field, ours, now)
        return written

    async def _next_slice(self, walk: AsyncIterator[tuple[str, State]]) -> dict[str, State]:
        found: dict[str, State] = {}
        async for customer, state in walk:
            found[customer] = state
            if len(found) == SLICE:
                return found
        self._walk = None
        return found

    def _ours(self, found: dict[str, State]) -> dict[str, dict[str, Sections]]:
        """Return by field the customers that are ours and at rest."""
        ours: dict[str, dict[str, Sections]] = {}
        for customer, state in found.items():
            first = min(state.sections, default="")
            if first and self._stand(first) and not state.stale and self._readable(state.sections):
                ours.setdefault(first, {})[customer] = state.sections
        return ours

    def _readable(self, sections: Sections) -> bool:
        versions = {Header.of(section).version for section in sections.values()}
        return versions == {self._folding.version}

    def _view(self, sections: Sections) -> View:
        return View.of(
            (field, Section.decode(field.partition("/")[0], encoded, self._folding).facts)
            for field, encoded in sections.items()
        )

    async def _refresh(self, field: str, customers: dict[str, Sections], now: int) -> int:
        cached = self._cached(customers)
        fields = await self._fields(customers, cached)
        views = [self._view(sections) for sections in customers.values()]
        moments = [
            max(view.last_seen or 0, now - now % DAY_MS, _moment(before))
            for view, before in zip(views, fields, strict=True)
        ]
        known = [Known(cached.get(customer, []), "") for customer in customers]
        derived = self._deriver.parts(views, moments, known)
        parts = [[*each, said_of(old)] for each, old in zip(derived, fields, strict=True)]
        changed = [
            Refreshed(customer, sections, after)
            for (customer, sections), before, after in zip(
                customers.items(), fields, parts, strict=True
            )
            if _meaning(before) != _meaning(joined(after))
        ]
        return await self._write(field, changed) if changed else 0

    def _cached(self, customers: dict[str, Sections]) -> dict[str, Parts]:
        """Return the public fields of those who are cached with these sections."""
        entries = [self._cache.peek(customer) for customer in customers]
        return {
            customer: msgpack.unpackb(entry.fields)
            for (customer, sections), entry in zip(customers.items(), entries, strict=True)
            if entry and entry.sections == sections
        }

    async def _fields(
        self, customers: dict[str, Sections], cached: dict[str, Parts]
    ) -> list[Fields]:
        """Return the public fields as they are, of those who are not cached as stored."""
        fields = {customer: joined(parts) for customer, parts in cached.items()}
        others = [customer for customer in customers if customer not in fields]
        if others:
            fields |= zip(others, await self._store.load_profiles(others), strict=True)
        return [fields[customer] for customer in customers]

    async def _write(self, field: str, changed: list[Refreshed]) -> int:
        stand = self._stand(field)  # as it is now: the mark has moved on with every batch
        changed = [each for each in changed if not self._cache.is_being_written(each.customer)]
        if stand is None or not changed:
            return 0
        cached = {each.customer for each in changed if self._cache.peek(each.customer)}
        try:
            with self._cache.writing([each.customer for each in changed]) as writing:
                outcomes = await self._store.write(*stand, [_write_of(each) for each in changed])
                pairs = zip(changed, outcomes, strict=True)
                stored = [each for each, outcome in pairs if outcome is Outcome.STORED]
                for each in stored:
                    if each.customer in cached:
                        entry = Cached(each.sections, msgpack.packb(each.parts))
                        writing.stored(each.customer, entry)
        except StoreMovedError:
            return 0  # a batch has just moved the mark, or the pipeline will find out by itself
        return len(stored)


def _moment(fields: Fields) -> int:
    """Return the moment (ms) that a profile speaks of already; it does not go back."""
    text = fields.get("as_of")
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else 0


def _meaning(fields: Fields) -> Fields:
    return {
        name: text
        for name, text in fields.items()
        if name != STAMP and not name.endswith(STAMP_ENDS)
    }


def _write_of(each: Refreshed) -> Write:
    headers = {field: section[:HEADER_SIZE] for field, section in each.sections.items()}
    return Write(each.customer, "", b"", b"", headers, joined(each.parts), [], True)
