"""Workers that own one partition each, and stores at which they can be stopped at every step."""

from collections.abc import Coroutine, Generator, Sequence
from inspect import CORO_CLOSED, getcoroutinestate
from random import Random
from typing import Any

from profiles.cache import SectionCache
from profiles.changes import Batch, Moment
from profiles.derive import Deriver
from profiles.keyspace import Partition
from profiles.scores import LiveScores
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import Section
from profiles.store import Footing, Mark, Outcome, Sections, State, Store, Write
from profiles.stores.memory import MemoryStore
from profiles.traits import Context, Fields, catalogue
from profiles.traits.catalogue import Catalogue
from profiles.traits.edges import RfmEdges
from profiles.update import ProfileUpdater
from profiles.view import View

from .strategies import DAY_MS, NOON_MS, Event

EPOCH = 1
CURRENCY = "GBP"
CATALOGUE = catalogue()
PURCHASES, BROWSING = Partition("purchase", 0), Partition("browse", 0)


def derive(view: View, currency: str, edges: RfmEdges | None = None) -> Fields:
    """Return the public fields as of the customer's latest event."""
    return CATALOGUE.derive(view, Context(view.last_seen or 0, currency, edges))


class Owner:
    """Reads a log from the mark on, in batches, and stores what it folds."""

    def __init__(
        self,
        store: Store,
        partition: Partition,
        cache_bytes: int = 1 << 20,
        folding: Folding = DEFAULT_FOLDING,
        traits: Catalogue = CATALOGUE,
    ) -> None:
        self.store = store
        self.partition = partition
        self.cache = SectionCache(cache_bytes)
        self.deriver = Deriver(traits, CURRENCY, LiveScores())
        self.updater = ProfileUpdater(store, self.cache, self.deriver, folding)
        self.moments: list[Moment] = []
        self.counted = self.duplicates = self.position = 0
        self.footing: Footing

    async def resume(self) -> None:
        """Begin where the store's mark says."""
        self.updater.forget()
        footing = await self.store.footing(self.partition)
        if footing.mark is None:
            footing = await self.store.advance(self.partition, footing, Mark(EPOCH, 0))
        assert footing.mark is not None
        self.footing, self.position = footing, footing.mark.position

    def batch(self, log: Sequence[Event], start: int, end: int) -> Batch:
        """Return records `start` to `end` of the log, offsets being places in it."""
        return Batch(self.partition, EPOCH, list(enumerate(log))[start:end])

    async def take(self, log: Sequence[Event], end: int, overlap: int = 0) -> None:
        """Carry the records up to `end` all the way, and `overlap` earlier ones again."""
        start = max(0, self.position - overlap)
        update = await self.updater.fold(self.batch(log, start, end))
        self.moments += update.moments
        self.counted += update.counted
        self.duplicates += update.duplicates
        self.footing = await self.updater.write(self.footing, update, Mark(EPOCH, end))
        self.position = end

    async def follow(self, log: Sequence[Event], size: int, overlap: int = 0) -> None:
        """Read the log to its end."""
        await self.resume()
        while self.position < len(log):
            await self.take(log, min(self.position + size, len(log)), overlap)


class Turn:
    """A place at which a coroutine stops until it is sent on."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class TurningStore(MemoryStore):
    """Every request and every reply takes a turn, so calls can be interleaved as one likes."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: set[Outcome] = set()

    async def load(self, customers: Sequence[str]) -> list[State]:
        await Turn()
        states = await super().load(customers)
        await Turn()
        return states

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        await Turn()
        outcomes = await super().write(partition, footing, writes)
        self.outcomes |= set(outcomes)
        await Turn()
        return outcomes


def step(coroutine: Coroutine[Any, Any, None]) -> bool:
    """Send a coroutine to its next turn; tell whether it goes on, which an ended one does not."""
    if getcoroutinestate(coroutine) == CORO_CLOSED:
        return False
    try:
        coroutine.send(None)
    except StopIteration:
        return False
    return True


def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, alone."""
    while step(coroutine):
        pass


def derived(sections: Sections) -> Fields:
    """Return the public fields that all sections together give."""
    facts = [
        (kind, Section.decode(kind, encoded).facts)
        for field, encoded in sections.items()
        for kind in [field.partition("/")[0]]
    ]
    return derive(View.of(facts), CURRENCY)


def random_log(kind: str, size: int, seed: int = 0, customers: int = 9) -> list[Event]:
    """Return a log with lines of common orders, returns, late events and producer's duplicates."""
    random = Random(seed)
    log: list[Event] = []
    for place in range(size):
        if log and random.random() < 0.1:
            log.append(random.choice(log[-50:]))
            continue
        event: Event = {
            "type": kind,
            "event_id": f"{kind}{place}",
            "customer_id": str(random.randrange(customers)),
            "ts": NOON_MS + place * DAY_MS // 20 - random.randrange(DAY_MS // 2),
            "item_id": f"item{random.randrange(40)}",
            "category": random.choice(["茶", "cups", "pots"]),
        }
        log.append(event | (_looked(random) if kind == "browse" else _bought(random, place)))
    return log


def _looked(random: Random) -> Event:
    return {"action": random.choice(["view", "search", "cart_add", "cart_remove", "favourite"])}


def _bought(random: Random, place: int) -> Event:
    return {
        "type": random.choice(["purchase"] * 9 + ["return"]),
        "order_id": f"o{place // 4}",
        "quantity": random.randrange(1, 9),
        "price": random.randrange(1, 9999) / 100,
        "currency": random.choice(["GBP", "GBP", "EUR"]),
    }
