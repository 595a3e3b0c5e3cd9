"""The store in a Redis Cluster: one script call a master and chunk (docs/protocol.md).

A master has a mark of each partition in every range of slots that it serves, moved together, so
wherever slots go, a mark of their former master goes with them or stays behind to be read.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import chain
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import ClusterDownError, RedisError

from profiles.errors import StoreMovedError
from profiles.keyspace import (
    STATE_PREFIX,
    Partition,
    customer_of,
    gap_key,
    mark_key,
    profile_key,
    state_key,
)
from profiles.store import CHUNK, Footing, Mark, Master, Outcome, State, Write, lowest
from profiles.stores.masters import Masters, Script, together
from profiles.stores.scripts import STAYS, fields_of, pack, source, state_of
from profiles.stores.slots import Layout, Ranges, tags_in
from profiles.stores.steps import write_then_advance

ANY = -1
"""No topic's life: marks of different ones are compared by position alone."""

FOOTING = source("marks.lua") + source("footing.lua")


class ClusterStore:
    """A store on the masters of a cluster; every method may raise `redis.RedisError`."""

    def __init__(self, client: RedisCluster) -> None:
        self._masters = Masters(client)
        self._load = source("load.lua")
        self._footing = Script.of(FOOTING + "return footing(KEYS[1])")
        self._write = Script.of(FOOTING + source("write.lua"))
        self._advance = Script.of(FOOTING + source("advance.lua"))

    async def load(self, customers: Sequence[str]) -> list[State]:
        """Return the state of each customer."""
        return [state_of(flat) for flat in await self._hashes(map(state_key, customers))]

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        """Apply a chunk of writes: of each master all or, if it moved, none of them."""
        layout = await self._layout(partition, footing)
        masters = {master.name: master for master in footing.masters}
        groups: dict[str, list[int]] = {}
        for place, write in enumerate(writes):
            name = layout.master_of(state_key(write.customer).encode())
            groups.setdefault(name, []).append(place)
        answers = await together(
            self._write_to(partition, footing, masters[name], [writes[place] for place in places])
            for name, places in groups.items()
        )
        outcomes = dict(zip(chain(*groups.values()), chain(*answers), strict=True))
        return [outcomes[place] for place in range(len(writes))]

    async def finish(
        self, partition: Partition, footing: Footing, writes: Sequence[Write], to: Mark
    ) -> tuple[list[Outcome], Footing]:
        """Apply the last chunk of a batch, then move the mark where all of it is stored."""
        return await write_then_advance(self, partition, footing, writes, to)

    async def advance(
        self, partition: Partition, footing: Footing, to: Mark, lost: int = 0
    ) -> Footing:
        """Move every master's mark, unless it is further; each must be where it was seen."""
        await self._layout(partition, footing)
        first = _lowest_of(footing, to.epoch)
        masters = await together(
            self._advance_on(partition, footing, master, to, lost if master is first else 0)
            for master in footing.masters
        )
        return _footing(masters)

    async def footing(self, partition: Partition) -> Footing:
        """Return every master's marks and incarnation."""
        layout = await self._masters.layout()
        looks = (self._look(partition, name, slots) for name, slots in layout.served)
        return _footing(await together(looks))

    async def scan(self) -> AsyncIterator[tuple[str, State]]:
        """Walk over all customers; one that changes meanwhile may come twice."""
        async for keys in self._masters.scan(STATE_PREFIX + "*"):
            customers = [customer_of(key.decode()) for key in keys]
            for start in range(0, len(customers), CHUNK):
                chunk = customers[start : start + CHUNK]
                for pair in zip(chunk, await self.load(chunk), strict=True):
                    yield pair

    async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        """Return public profiles."""
        found = await self._hashes(map(profile_key, customers))
        return [fields_of(dict(zip(flat[::2], flat[1::2], strict=True))) for flat in found]

    async def profile(self, customer: str) -> dict[str, str]:
        """Return a public profile."""
        return (await self.load_profiles([customer]))[0]

    async def _layout(self, partition: Partition, footing: Footing) -> Layout:
        """Return the layout; another one than that of the footing means that the store moved."""
        layout = await self._masters.layout()
        if layout.served != tuple((master.name, master.slots) for master in footing.masters):
            raise StoreMovedError(str(partition), footing, await self.footing(partition))
        return layout

    async def _write_to(
        self, partition: Partition, footing: Footing, master: Master, writes: Sequence[Write]
    ) -> list[Outcome]:
        # a master's marks move together, so a chunk compares the first of them
        keys = [_mark_keys(partition, master.slots)[0].encode()]
        for write in writes:
            keys += (state_key(write.customer).encode(), profile_key(write.customer).encode())
        mark = master.marks.partition(b",")[0]
        args = [mark, master.incarnation.encode(), STAYS, *map(pack, writes)]
        answer = await self._call(partition, footing, master, self._write, keys, args)
        if isinstance(answer, bytes):
            raise StoreMovedError(str(partition), footing, await self.footing(partition))
        return [Outcome(code) for code in answer]

    async def _advance_on(
        self, partition: Partition, footing: Footing, master: Master, to: Mark, lost: int
    ) -> Master:
        target = master._replace(marks=_moved(master.marks, to))
        keys = [
            " ".join(_mark_keys(partition, master.slots)).encode(),
            gap_key(partition, tags_in(master.slots)[0]).encode(),
        ]
        args = [master.marks, master.incarnation.encode(), target.marks, b"%d" % lost]
        answer = await self._call(partition, footing, master, self._advance, keys, args)
        if _seen(master, answer) != target:
            raise StoreMovedError(str(partition), footing, await self.footing(partition))
        return target

    async def _look(self, partition: Partition, name: str, slots: Ranges) -> Master:
        keys = [" ".join(_mark_keys(partition, slots)).encode()]
        answer = await self._masters.call(name, self._footing, keys)
        return _seen(Master(name, slots, "", b""), answer)

    async def _call(
        self,
        partition: Partition,
        footing: Footing,
        master: Master,
        script: Script,
        keys: Sequence[bytes],
        args: Sequence[bytes],
    ) -> Any:
        """Run a script; where it fails because slots have moved, the writer has to resume."""
        try:
            return await self._masters.call(master.name, script, keys, args)
        except RedisError:
            await self._layout(partition, footing)
            raise

    async def _hashes(self, keys: Iterable[str]) -> list[list[bytes]]:
        wanted = [key.encode() for key in keys]
        found: dict[int, list[bytes]] = {}
        for places, hashes in await self._masters.each(self._load, wanted, CHUNK):
            found |= zip(places, hashes, strict=True)
        return [found[place] for place in range(len(wanted))]


def _mark_keys(partition: Partition, slots: Ranges) -> list[str]:
    """Return the keys of a master's marks."""
    tags = tags_in(slots)
    if not tags:
        raise ClusterDownError(f"a master serves too few neighbouring slots: {slots}")
    return [mark_key(partition, tag) for tag in tags]


def _moved(marks: bytes, to: Mark) -> bytes:
    """Return marks after they have moved: none goes back within a life of the topic."""
    texts = marks.split(b",")
    further = {text: _further(text, to) for text in set(texts)}
    return b",".join(further[text] for text in texts)


def _further(text: bytes, to: Mark) -> bytes:
    mark = Mark.decode(text) if text else None
    stays = mark is not None and mark.epoch == to.epoch and mark.position > to.position
    return text if stays else to.encode()


def _lowest_of(footing: Footing, epoch: int) -> Master:
    """Return the master where to resume, in whose gap counter lost offsets are counted."""
    mark = footing.resume_mark(epoch)
    return next(master for master in footing.masters if master.lowest(epoch) == mark)


def _seen(master: Master, answer: bytes) -> Master:
    incarnation, _, marks = answer.partition(b" ")
    return master._replace(incarnation=incarnation.decode(), marks=marks)


def _footing(masters: Sequence[Master]) -> Footing:
    mark = lowest([master.lowest(ANY) for master in masters], ANY)
    incarnation = " ".join(master.incarnation for master in masters)
    return Footing(mark, incarnation, tuple(masters))
