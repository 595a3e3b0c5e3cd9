"""Clients of one Redis or of a Redis Cluster, as the URL says, and the store behind it."""

from typing import Any

import redis
from redis import asyncio as aioredis
from redis.exceptions import RedisClusterException, RedisError

from profiles.store import Store
from profiles.stores.cluster import ClusterStore
from profiles.stores.redis import RedisStore

CLUSTER = "+cluster"
"""Marks the scheme of a cluster's URL: `redis+cluster://host:port` of any of its nodes."""

REDIS_ERRORS = (RedisError, RedisClusterException)
"""What clients raise when a server is away; the second is redis-py's, and no RedisError."""

Client = aioredis.Redis | aioredis.RedisCluster
SyncClient = redis.Redis | redis.RedisCluster


def connect(url: str) -> Client:
    """Return an asynchronous client; it connects when it is first used.

    >>> type(connect("redis+cluster://127.0.0.1:7000")).__name__
    'RedisCluster'
    """
    plain, clustered = _plain(url)
    return aioredis.RedisCluster.from_url(plain) if clustered else aioredis.Redis.from_url(plain)


def connect_sync(url: str, **options: Any) -> SyncClient:
    """Return a synchronous client; that of a cluster connects at once.

    Raises:
        RedisClusterException: no node of the cluster answers.
    """
    plain, clustered = _plain(url)
    if clustered:
        return redis.RedisCluster.from_url(plain, **options)
    return redis.Redis.from_url(plain, **options)


def store_of(client: Client) -> Store:
    """Return the store behind a client."""
    if isinstance(client, aioredis.RedisCluster):
        return ClusterStore(client)
    return RedisStore(client)


def _plain(url: str) -> tuple[str, bool]:
    scheme, separator, rest = url.partition("://")
    return scheme.removesuffix(CLUSTER) + separator + rest, scheme.endswith(CLUSTER)
