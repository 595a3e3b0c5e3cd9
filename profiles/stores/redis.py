"""The store in Redis: a few scripts, each one round trip for a whole chunk."""

from collections.abc import AsyncIterator, Sequence

from redis.asyncio import Redis

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
from profiles.store import CHUNK, Footing, Mark, Outcome, State, Write, are_stored
from profiles.stores.scripts import STAYS, fields_of, pack, source, state_of


class RedisStore:
    """A store on one Redis server; every method may raise `redis.RedisError`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._load = client.register_script(source("load.lua"))
        footing = source("mark.lua") + source("footing.lua")  # which others share
        self._footing = client.register_script(footing + "return footing(KEYS[1])")
        self._write = client.register_script(footing + source("write.lua"))
        self._advance = client.register_script(footing + source("advance.lua"))

    async def load(self, customers: Sequence[str]) -> list[State]:
        """Return the state of each customer."""
        found: list[State] = []
        for start in range(0, len(customers), CHUNK):
            chunk = customers[start : start + CHUNK]
            states = await self._load(keys=[state_key(customer) for customer in chunk])
            found += map(state_of, states)
        return found

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        """Apply a chunk of writes, all or, if the store moved, none of them."""
        return await self._apply(partition, footing, writes, STAYS)

    async def finish(
        self, partition: Partition, footing: Footing, writes: Sequence[Write], to: Mark
    ) -> tuple[list[Outcome], Footing]:
        """Apply the last chunk of a batch and, where all of it is stored, move the mark with it."""
        outcomes = await self._apply(partition, footing, writes, to.encode())
        return outcomes, footing._replace(mark=to) if are_stored(outcomes) else footing

    async def advance(
        self, partition: Partition, footing: Footing, to: Mark, lost: int = 0
    ) -> Footing:
        """Move the resume mark."""
        keys = [mark_key(partition), gap_key(partition)]
        answer = await self._advance(keys=keys, args=[*_args(footing), to.encode(), str(lost)])
        after = _footing(answer)
        if after != Footing(to, footing.incarnation):
            raise StoreMovedError(str(partition), footing, after)
        return after

    async def footing(self, partition: Partition) -> Footing:
        """Return resume mark and incarnation, in one script: they belong together."""
        return _footing(await self._footing(keys=[mark_key(partition)]))

    async def scan(self) -> AsyncIterator[tuple[str, State]]:
        """Walk over all customers; one that changes meanwhile may come twice."""
        keys: list[bytes] = []
        async for key in self._client.scan_iter(match=STATE_PREFIX + "*", count=1000):
            keys.append(key)
            if len(keys) == CHUNK:
                for pair in await self._loaded(keys):
                    yield pair
                keys = []
        for pair in await self._loaded(keys):
            yield pair

    async def load_profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        """Return public profiles."""
        async with self._client.pipeline(transaction=False) as pipeline:
            for customer in customers:
                pipeline.hgetall(profile_key(customer))
            return [fields_of(found) for found in await pipeline.execute()]

    async def profile(self, customer: str) -> dict[str, str]:
        """Return a public profile."""
        return fields_of(await self._client.hgetall(profile_key(customer)))

    async def _apply(
        self, partition: Partition, footing: Footing, writes: Sequence[Write], to: bytes
    ) -> list[Outcome]:
        keys = [mark_key(partition)]
        for write in writes:
            keys += (state_key(write.customer), profile_key(write.customer))
        answer = await self._write(keys=keys, args=[*_args(footing), to, *map(pack, writes)])
        if isinstance(answer, bytes):
            raise StoreMovedError(str(partition), footing, _footing(answer))
        return [Outcome(code) for code in answer]

    async def _loaded(self, keys: list[bytes]) -> list[tuple[str, State]]:
        customers = [customer_of(key.decode()) for key in keys]
        return list(zip(customers, await self.load(customers), strict=True))


def _args(footing: Footing) -> list[bytes]:
    return [b"" if footing.mark is None else footing.mark.encode(), footing.incarnation.encode()]


def _footing(text: bytes) -> Footing:
    incarnation, _, mark = text.partition(b" ")
    return Footing(Mark.decode(mark) if mark else None, incarnation.decode())
