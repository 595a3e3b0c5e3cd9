"""Profiles in a Redis of their own, and traits that are compared with the population."""

from collections.abc import AsyncIterator

import pytest

from profiles.stores.client import Client, connect


@pytest.fixture(params=["redis_url", "cluster_url"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty Redis, or Redis Cluster."""
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    """A client of an empty Redis, or Redis Cluster."""
    async with connect(url) as client:
        yield client
