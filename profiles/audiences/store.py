"""The segments' sets in Redis: built beside the ones that are read, then put in their place."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import msgpack
from redis.exceptions import RedisError

from profiles.audiences.history import Day, decode, encode
from profiles.errors import REDIS_ERRORS
from profiles.keyspace import (
    PROFILE_PREFIX,
    SEGMENTS_KEY,
    audience_key,
    built_audience_key,
    customer_of,
    profile_key,
)
from profiles.store import CHUNK
from profiles.stores.client import Client, SyncClient, servers_of
from schemas.errors import PortraitError

DAYS = "days"
BUILD_SECONDS = 600
"""How long what a build has collected outlives the last chunk of customers that it kept it at."""


class BuildLostError(PortraitError, RedisError):
    """What a build had collected is gone; beginning anew helps.

    It stood still for longer than BUILD_SECONDS, or Redis went back.
    """

    def __init__(self, build: str, names: Sequence[str]) -> None:
        super().__init__(
            "what was collected of the segments is gone from Redis",
            build=build,
            value=names,
            expected=f"a chunk of customers every {BUILD_SECONDS} s",
        )


class Placed(NamedTuple):
    """A customer, the segment that the profile tells, and the moment of it (ISO)."""

    customer: str
    segment: str | None
    as_of: str | None


class AudienceStore:
    """Reads profiles, writes the audiences; every method may raise `REDIS_ERRORS`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._servers = servers_of(client)
        self._segments = files("profiles.audiences").joinpath("segments.lua").read_text()

    async def walk(self) -> AsyncIterator[list[Placed]]:
        """Walk over all profiles, at most CHUNK at a time; one may come twice."""
        async for keys in self._servers.scan(PROFILE_PREFIX + "*"):
            customers = [customer_of(key.decode()) for key in keys]
            for start in range(0, len(customers), CHUNK):
                yield await self._placed(customers[start : start + CHUNK])

    async def _placed(self, customers: Sequence[str]) -> list[Placed]:
        keys = [profile_key(customer).encode() for customer in customers]
        placed = []
        for places, packed in await self._servers.each(self._segments, keys, CHUNK):
            for place, (segment, as_of) in zip(places, msgpack.unpackb(packed), strict=True):
                placed.append(Placed(customers[place], segment or None, as_of or None))
        return placed

    async def segments_before(
        self, customers: Sequence[str], names: Iterable[str]
    ) -> list[str | None]:
        """Return in whose audience each customer is, None for those in none of `names`."""
        found: list[str | None] = [None] * len(customers)
        for name in names:
            held: Any = await self._client.smismember(audience_key(name), list(customers))
            found = [name if there else one for there, one in zip(held, found, strict=True)]
        return found

    async def keep(self, build: str, names: Collection[str]) -> None:
        """Let all that a build has collected live on; it dies if this is not called in time.

        Raises:
            BuildLostError: some of it is gone already.
        """
        async with self._client.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.expire(built_audience_key(name, build), BUILD_SECONDS)
            kept = await pipeline.execute()
        if lost := [name for name, there in zip(names, kept, strict=True) if not there]:
            raise BuildLostError(build, lost)

    async def collect(self, build: str, name: str, customers: Sequence[str]) -> None:
        """Put customers into an audience that a build collects."""
        key = built_audience_key(name, build)
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.sadd(key, *customers)
            pipeline.expire(key, BUILD_SECONDS)
            await pipeline.execute()

    async def replace(self, build: str, name: str) -> int:
        """Let readers see what was collected; return how many customers are in it."""
        key = audience_key(name)
        await self._client.rename(built_audience_key(name, build), key)
        await self._client.persist(key)  # should nobody come to this, the next build will
        size: int = await self._client.scard(key)
        return size

    async def remove(self, name: str) -> None:
        """Remove an audience that nobody is in any more."""
        await self._client.delete(audience_key(name))

    async def days(self) -> list[Day]:
        """Return what is known of the last days, the oldest first."""
        kept: Any = await self._client.hget(SEGMENTS_KEY, DAYS)
        return decode(kept) if kept else []

    async def note(self, days: Sequence[Day]) -> None:
        """Keep what is known of the last days."""
        await self._client.hset(SEGMENTS_KEY, DAYS, encode(days))


class SegmentsUnavailableError(PortraitError):
    """Redis could not be asked, or gave an error; evidence: `error`."""


def read_days(client: SyncClient) -> list[Day]:
    """Return what is known of the last days, the oldest first.

    Raises:
        SegmentsUnavailableError: Redis does not answer, or answers with an error.
    """
    try:
        kept: Any = client.hget(SEGMENTS_KEY, DAYS)
    except REDIS_ERRORS as error:
        raise SegmentsUnavailableError(
            "the segments could not be read from Redis", error=str(error)
        ) from error
    return decode(kept) if kept else []
