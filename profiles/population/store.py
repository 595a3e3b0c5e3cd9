"""The population in Redis: the sample is read from there, the figures are kept there."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import chain
from typing import Any

import msgpack
import orjson

from profiles.errors import REDIS_ERRORS
from profiles.keyspace import (
    POPULATION_KEY,
    PROFILE_PREFIX,
    customer_of,
    profile_key,
)
from profiles.population.figures import Population, decode, encode
from profiles.population.sample import Sample
from profiles.store import CHUNK
from profiles.stores.client import Client, SyncClient, servers_of
from profiles.traits.edges import RfmEdges
from schemas.errors import PortraitError

FIGURES, EDGES, VERSION = "figures", "edges", "version"


class PopulationStore:
    """Reads public profiles, writes the population; every method may raise
    `REDIS_ERRORS`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._servers = servers_of(client)
        self._profiles = files("profiles.population").joinpath("profiles.lua").read_text()

    async def sample(self, limit: int) -> Sample:
        """Walk over all customers and keep at most `limit`."""
        sample = Sample(limit)
        async for keys in self._servers.scan(PROFILE_PREFIX + "*"):
            sample.add(customer_of(key.decode()) for key in keys)
        return sample

    async def profiles(self, customers: Sequence[str]) -> list[dict[str, str]]:
        """Return public profiles, those that have gone meanwhile left out."""
        keys = [profile_key(customer).encode() for customer in customers]
        answers = await self._servers.each(self._profiles, keys, CHUNK)
        flat = chain.from_iterable(msgpack.unpackb(packed) for _, packed in answers)
        return [dict(zip(one[::2], one[1::2], strict=True)) for one in flat if one]

    async def publish(self, population: Population, edges: RfmEdges | None) -> None:
        """Store figures and edges under the next version."""
        found = None if edges is None else edges._asdict()
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.hincrby(POPULATION_KEY, VERSION, 1)
            pipeline.hset(POPULATION_KEY, FIGURES, encode(population))
            pipeline.hset(POPULATION_KEY, EDGES, orjson.dumps(found))
            await pipeline.execute()

    async def edges(self) -> RfmEdges | None:
        """Return the newest edges, None before there are any."""
        kept: list[Any] = await self._client.hmget(POPULATION_KEY, [VERSION, EDGES])
        found = kept[1] and orjson.loads(kept[1])
        return RfmEdges(**found | {VERSION: int(kept[0])}) if found else None


class PopulationUnavailableError(PortraitError):
    """Redis could not be asked, or gave an error; evidence: `error`."""


def read_population(client: SyncClient) -> Population | None:
    """Return the newest figures, None before there are any.

    Raises:
        PopulationUnavailableError: Redis does not answer, or answers with an error.
    """
    try:
        kept: list[Any] = client.hmget(POPULATION_KEY, [VERSION, FIGURES])
    except REDIS_ERRORS as error:
        raise PopulationUnavailableError(
            "the population could not be read from Redis", error=str(error)
        ) from error
    return replace(decode(kept[1]), version=int(kept[0])) if kept[1] else None
