"""From events to stored profiles: one batch of one partition at a time (docs/protocol.md).

`fold` computes what a batch changes and touches no store; `write` stores it. Between the two the
caller sends onward what the batch gives rise to, so that a crash can only send it twice.
"""

from asyncio import sleep
from collections import defaultdict
from operator import itemgetter
from typing import Any

import msgpack
import xxhash

from profiles.cache import Cached, SectionCache, Writing
from profiles.changes import Batch, Change, Events, Found, Moment, Update
from profiles.decoded import DecodedSections
from profiles.derive import Deriver
from profiles.errors import WriteConflictError, WriteRefusedError
from profiles.features import tastes
from profiles.learning.sample import in_share
from profiles.sections.facts import Facts
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import HEADER_SIZE, Header, refusal
from profiles.store import CHUNK, Footing, Mark, Outcome, State, Store, Write
from profiles.traits.catalogue import UNKNOWN, Known
from profiles.traits.parts import Parts, difference
from profiles.view import View
from profiles.words import Words, is_news, latest_words, said_now, said_of
from schemas.examples import AskedAt

ROUNDS = 20
"""Times that a customer whose sections keep moving is folded again before giving up."""

SLICE = 500
"""Customers folded in one go, some 50 ms: then timers, probes and other partitions have theirs."""

DECODED_BYTES = 6 << 20
"""Encoded bytes of the sections kept decoded; that is 48 MiB of large ones, 110 of small ones."""

TASTED = ("order", "event")
"""Moments whose questions carry tastes; of visits there are many."""

Folded = tuple[Change, View]
"""A customer's change, and what their public fields are derived from before the next slice is
folded: decoded sections take several times their bytes, and a batch may have 20,000 customers."""


class ProfileUpdater:
    """Folds batches into profiles through a cache and a store."""

    def __init__(
        self,
        store: Store,
        cache: SectionCache,
        deriver: Deriver,
        folding: Folding = DEFAULT_FOLDING,
        event_share: float = 0.0,
        learning_share: float = 1.0,
    ) -> None:
        self._learning_share = learning_share
        self._sampled_below = round(event_share * 2**32)  # of an event id's 32-bit hash
        self._store = store
        self._cache = cache
        self._deriver = deriver
        self._folding = folding
        self._decoded = DecodedSections(DECODED_BYTES, folding)

    async def agree(self) -> None:
        """Look at one customer, before any is folded: no store should hold two foldings.

        Raises:
            SectionError: it was folded otherwise.
        """
        async for _, state in self._store.scan():
            for field, encoded in state.sections.items():
                self._decoded.read(field, encoded)
            return

    async def fold(self, batch: Batch) -> Update:
        """Compute what the batch changes, moments in order of offset.

        Raises:
            SectionError: a stored section is of another folding.
        """
        groups: defaultdict[str, Events] = defaultdict(list)
        for pair in batch.events:
            groups[pair[1]["customer_id"]].append(pair)
        return await self._fold_groups(batch, groups)

    async def write(self, footing: Footing, update: Update, to: Mark | None = None) -> Footing:
        """Store an update in chunks; customers whose sections moved are folded again.

        The mark moves to `to` (None: stays) with the last of it. Returns the footing behind it.

        Raises:
            StoreMovedError: the store is not where `footing` saw it: resume.
            WriteRefusedError: sections of another folding or topic epoch.
            WriteConflictError: sections that move faster than they can be folded.
        """
        batch = update.batch
        for _ in range(ROUNDS):
            moved, behind = await self._write_round(footing, update, to)
            if not moved:
                return behind
            groups: dict[str, Events] = {customer: [] for customer in moved}
            for pair in batch.events:
                if pair[1]["customer_id"] in groups:
                    groups[pair[1]["customer_id"]].append(pair)
            update = await self._fold_groups(batch, groups)
        raise WriteConflictError(str(batch.partition), moved, ROUNDS)

    def forget(self) -> None:
        """Drop the cache: what it holds may be newer than the store."""
        self._cache.clear()

    async def _fold_groups(self, batch: Batch, groups: dict[str, Events]) -> Update:
        update = Update(batch, [], {}, [], 0, 0)
        customers = list(groups)
        for start in range(0, len(customers), SLICE):
            await self._fold_slice(update, groups, customers[start : start + SLICE])
            await sleep(0)  # whoever else has something to do in this process
        update.moments.sort(key=itemgetter(0))
        return update

    async def _fold_slice(
        self, update: Update, groups: dict[str, Events], customers: list[str]
    ) -> None:
        folded = []
        for customer, found in zip(customers, await self._states(customers), strict=True):
            events = groups[customer]
            pair = self._fold(update.batch, customer, events, found, update.moments)
            if pair is not None:
                folded.append(pair)
                update.counted += pair[0].counted
                update.duplicates += pair[0].duplicates
        update.changes += [change for change, _ in folded]
        update.parts |= self._parts(folded)

    async def _states(self, customers: list[str]) -> list[Found]:
        cached = [self._cache.get(customer) for customer in customers]
        missing = [c for c, entry in zip(customers, cached, strict=True) if entry is None]
        loaded = iter(await self._load(missing) if missing else ())
        return [next(loaded) if entry is None else Found.of(entry) for entry in cached]

    async def _load(self, customers: list[str]) -> list[Found]:
        """Read customers from the store: sections first, so that what is said is not older."""
        states = await self._store.load(customers)
        wrote = [c for c, each in zip(customers, states, strict=True) if _has_feedback(each)]
        profiles = await self._store.load_profiles(wrote) if wrote else []
        said = dict(zip(wrote, map(said_of, profiles), strict=True))
        return [
            Found(state, None, [], said.get(customer, {}))
            for customer, state in zip(customers, states, strict=True)
        ]

    def _fold(
        self,
        batch: Batch,
        customer: str,
        events: Events,
        found: Found,
        moments: list[Moment],
    ) -> Folded | None:
        """Fold one customer's events; None where the store already holds them all."""
        field, kind = str(batch.partition), batch.partition.kind
        state = found.state
        words = latest_words(events) if kind == "feedback" else None
        stored = state.sections.get(field, b"")
        watermark = self._watermark(batch, stored)
        fresh = events
        if events and events[0][0] <= watermark:
            fresh = [pair for pair in events if pair[0] > watermark]
        others = [
            (name, self._decoded.read(name, encoded))
            for name, encoded in state.sections.items()
            if name != field or not fresh
        ]
        if not fresh:
            return self._refresh(customer, found, words, others)
        section = self._decoded.take(field, stored)
        duplicates, base_currency = section.duplicates, self._deriver.base_currency
        half_life_ms = self._folding.half_life_ms
        learnt_from = in_share(customer, self._learning_share)
        event: dict[str, Any]
        for offset, event in fresh:
            if event.get("currency") == base_currency:
                del event["currency"]  # in sections, no currency is the base currency
            if section.is_duplicate(event["event_id"]):
                continue
            if learnt_from and self._is_sampled(event):
                view = View.of([*others, (field, section.facts)])  # as it was before the event
                moments.append(self._moment(offset, "event", event, view))
            moment = section.facts.fold(event, half_life_ms)
            if not learnt_from:
                continue
            if moment:
                view = View.of([*others, (field, section.facts)])
                moments.append(self._moment(offset, moment, event, view))
            elif kind == "purchase":  # one more line: an outcome all the same
                moments.append(Moment(offset, customer, "", event, [], {}))
        encoded = section.encode(Header(self._folding.version, batch.epoch, fresh[-1][0]))
        self._decoded.put(field, encoded, section)
        duplicates = section.duplicates - duplicates
        change = Change(
            customer=customer,
            field=field,
            base=stored[:HEADER_SIZE],
            section=encoded,
            sections=state.sections | {field: encoded},
            duplicates=duplicates,
            counted=len(fresh) - duplicates,
            cached=found.cached,
            known=Known(found.parts, kind),
            said=found.said,
            words=words,
        )
        return change, View.of([*others, (field, section.facts)])

    def _is_sampled(self, event: Any) -> bool:
        return xxhash.xxh32_intdigest(event["event_id"].encode()) < self._sampled_below

    def _moment(self, offset: int, kind: AskedAt, event: Any, view: View) -> Moment:
        """Return a moment to ask at."""
        vector = self._deriver.features(view, event["ts"])
        liked = tastes(view) if kind in TASTED else {}
        return Moment(offset, event["customer_id"], kind, event, vector, liked)

    def _watermark(self, batch: Batch, stored: bytes) -> int:
        """Return the last offset that the section holds of this life of the topic, -1 for none."""
        if not stored:
            return -1
        header = Header.of(stored)
        if header.version != self._folding.version:
            raise refusal(batch.partition.kind, stored, self._folding)
        return header.watermark if header.epoch == batch.epoch else -1

    def _refresh(
        self, customer: str, found: Found, words: Words | None, sections: list[tuple[str, Facts]]
    ) -> Folded | None:
        """Derive again what the store holds already, where the public fields lag behind it."""
        state = found.state
        if not (state.stale or is_news(words, found.said)):
            return None
        change = Change(
            customer, "", b"", b"", state.sections, 0, 0, None, UNKNOWN, found.said, words
        )
        return change, View.of(sections)

    def _parts(self, folded: list[Folded]) -> dict[str, Parts]:
        """Derive each customer's public fields."""
        changes, views = [change for change, _ in folded], [view for _, view in folded]
        moments = [view.last_seen or 0 for view in views]
        derived = self._deriver.parts(views, moments, [each.known for each in changes])
        said = said_now(
            [change.said for change in changes],
            [change.words for change in changes],
            self._deriver.of_words,
        )
        return {
            change.customer: [*each, of_words] if each else []
            for change, each, of_words in zip(changes, derived, said, strict=True)
        }

    def _write_of(self, change: Change, parts: Parts) -> Write:
        """Compare with what was written last; unknown or refreshed profiles are replaced.

        At the time of writing, since a refresh may come between it and the fold.
        """
        siblings = {
            name: section[:HEADER_SIZE]
            for name, section in change.sections.items()
            if name != change.field
        }
        cached = self._cache.get(change.customer)
        replace = cached is None or not change.section
        before: Parts = []
        if cached is not None and not replace:
            kept = cached is change.cached
            before = change.known.parts if kept else msgpack.unpackb(cached.fields)
        fields, ended = difference(before, parts)
        return Write(
            change.customer, change.field, change.base, change.section, siblings,
            fields, ended, replace,
        )  # fmt: skip

    async def _write_round(
        self, footing: Footing, update: Update, to: Mark | None
    ) -> tuple[list[str], Footing]:
        """Write every chunk once; return customers whose sections moved meanwhile, and the footing.

        The mark moves with the last chunk, or by itself where there is none.
        """
        partition, changes = update.batch.partition, update.changes
        if to is not None and not changes:
            return [], await self._store.advance(partition, footing, to)
        moved: list[str] = []
        for start in range(0, len(changes), CHUNK):
            chunk = changes[start : start + CHUNK]
            writes = [self._write_of(change, update.parts[change.customer]) for change in chunk]
            with self._cache.writing([change.customer for change in chunk]) as writing:
                if to is None or moved or start + CHUNK < len(changes):
                    outcomes = await self._store.write(partition, footing, writes)
                else:
                    outcomes, footing = await self._store.finish(partition, footing, writes, to)
                for change, outcome in zip(chunk, outcomes, strict=True):
                    if not _settle(change, outcome, update.parts[change.customer], writing):
                        moved.append(change.customer)
        return moved, footing


def _settle(change: Change, outcome: Outcome, parts: Parts, writing: Writing) -> bool:
    """Cache what was stored; return whether it was."""
    if outcome is Outcome.REFUSED:
        raise WriteRefusedError(
            change.customer, change.field, change.base.hex(), change.section[:HEADER_SIZE].hex()
        )
    if outcome is not Outcome.STORED:
        return False
    writing.stored(change.customer, Cached(change.sections, msgpack.packb(parts)))
    return True


def _has_feedback(state: State) -> bool:
    return any(field.startswith("feedback/") for field in state.sections)
