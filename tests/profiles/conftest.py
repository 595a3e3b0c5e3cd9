"""Every store there is, empty; tests of the contract run against each."""

from collections.abc import AsyncIterator

import pytest

from profiles.store import Store
from profiles.stores.client import connect, store_of
from profiles.stores.memory import MemoryStore


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """One implementation of the contract."""
    if request.param == "memory":
        yield MemoryStore()
        return
    url = {"redis": "redis_url", "cluster": "cluster_url"}[request.param]
    async with connect(request.getfixturevalue(url)) as client:
        yield store_of(client)
