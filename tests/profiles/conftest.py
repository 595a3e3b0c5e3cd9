"""Every store there is, empty; tests of the contract run against each."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from profiles.store import Store
from profiles.stores.memory import MemoryStore
from profiles.stores.redis import RedisStore


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """One implementation of the contract."""
    if request.param == "memory":
        yield MemoryStore()
        return
    async with Redis.from_url(request.getfixturevalue("redis_url")) as client:
        yield RedisStore(client)
