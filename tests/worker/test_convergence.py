"""A population that stands still: the worker's own passes bring everyone into the right fifth.

The store, the count of the population and the refresh are the worker's, over a real Redis; what is
right, pandas finds in the raw rows of CDNOW.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from redis.asyncio import Redis

from profiles.keyspace import POPULATION_TURN_KEY, profile_key
from profiles.population.store import PopulationStore
from profiles.refresh import Refresher
from profiles.stores.redis import RedisStore
from profiles.traits import catalogue
from streams.worker.population import Census
from streams.worker.turns import Turns
from tests.tables.payloads import payloads
from tests.tables.readers import CDNOW
from tests.worker.stubs import DAY_MS, World, batches

BATCH = 1_000
MOST_ROUNDS = 4
SCORES = ["rfm.r", "rfm.f", "rfm.m"]


class Shop(NamedTuple):
    """A worker's passes over one Redis, and what it compares customers with."""

    client: Redis
    world: World
    census: Census
    refresher: Refresher

    async def round(self, now: int) -> int:
        """Count the population, then refresh everybody; return how many were written."""
        await self.census.count()
        self.world.deriver.edges = await self.census.edges()
        return await self.refresher.tick(now, 1_000_000)

    async def scores(self, customers: pd.Index) -> pd.DataFrame:
        async with self.client.pipeline(transaction=False) as pipeline:
            for customer in customers:
                pipeline.hmget(profile_key(customer), SCORES)
            return pd.DataFrame(await pipeline.execute(), customers, SCORES).astype(int)


@pytest.fixture
async def shop(redis_url: str) -> AsyncIterator[Shop]:
    async with Redis.from_url(redis_url) as client:
        store = RedisStore(client)
        world = World(store)
        world.deriver.base_currency = CDNOW.currency
        turns = Turns(client, POPULATION_TURN_KEY, every_seconds=0)
        census = Census(PopulationStore(client), catalogue(), turns, limit=20_000)
        refresher = Refresher(store, world.cache, world.deriver, world.standings.stand)
        yield Shop(client, world, census, refresher)


def right_scores(lines: pd.DataFrame, at: int) -> pd.DataFrame:
    """Return exact quintiles; equal values score alike."""
    customers = lines.groupby("customer")
    recency = at // DAY_MS - customers.ts.max() // DAY_MS
    scores = {
        "rfm.r": 6 - fifth(recency),
        "rfm.f": fifth(customers.size()),
        "rfm.m": fifth(customers.units.sum()),
    }
    return pd.DataFrame(scores)


def fifth(values: pd.Series) -> pd.Series:
    above = [values > edge for edge in values.quantile([0.2, 0.4, 0.6, 0.8])]
    return 1 + pd.concat(above, axis=1).sum(axis=1)


async def test_scores_of_a_population_that_stands_still_converge(
    data: Path, tmp_path: Path, shop: Shop
) -> None:
    path = CDNOW._replace(one_of=1).sample(data, tmp_path)
    events = payloads(CDNOW.mapping, path)["purchase"]
    await shop.world.take(batches("events.purchase", 0, events, BATCH))
    now = shop.world.pipeline.clock.common
    written = [await shop.round(now) for _ in range(MOST_ROUNDS)]
    assert written[0] == 2_357
    assert written[-2:] == [0, 0]
    edges = shop.world.deriver.edges
    assert edges is not None
    right = right_scores(CDNOW.read(path)["bought"], edges.at)
    assert (await shop.scores(right.index) == right).all(axis=None)
