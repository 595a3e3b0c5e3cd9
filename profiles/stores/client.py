"""The connection to a Redis or a Redis Cluster, as the URL says, and the store behind it.

A silent server is away, and callers decide when to try again.
"""

from typing import Any

import redis
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException

from profiles.errors import ClusterUnavailableError
from profiles.store import Store
from profiles.stores.address import plain_url
from profiles.stores.cluster import ClusterStore
from profiles.stores.masters import Masters
from profiles.stores.one import OneServer
from profiles.stores.redis import RedisStore

ANSWER_SECONDS = 5.0
"""A call takes milliseconds; one without an answer for so long never gets one."""

Client = aioredis.Redis | aioredis.RedisCluster
SyncClient = redis.Redis | redis.RedisCluster


def connect(url: str) -> Client:
    """Return a client that raises within seconds where the server is away, cut off or frozen.

    >>> type(connect("redis+cluster://127.0.0.1:7000")).__name__
    'RedisCluster'
    """
    plain, clustered = plain_url(url)
    kind = aioredis.RedisCluster if clustered else aioredis.Redis
    # a Unix socket has no network between its ends, and its connection knows no such option
    over_network = {} if plain.startswith("unix://") else {"socket_keepalive": True}
    return kind.from_url(
        plain,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        **over_network,
    )


def connect_sync(url: str, **options: Any) -> SyncClient:
    """Return a synchronous client; that of a cluster connects at once.

    Raises:
        ClusterUnavailableError: no node of the cluster answers.
    """
    plain, clustered = plain_url(url)
    if clustered:
        try:
            return redis.RedisCluster.from_url(plain, **options)
        except RedisClusterException as error:
            raise ClusterUnavailableError(str(error)) from error
    return redis.Redis.from_url(plain, **options)


def store_of(client: Client) -> Store:
    """Return the store behind a client."""
    if isinstance(client, aioredis.RedisCluster):
        return ClusterStore(client)
    return RedisStore(client)


def servers_of(client: Client) -> OneServer | Masters:
    """Return what runs scripts for many keys."""
    if isinstance(client, aioredis.RedisCluster):
        return Masters(client)
    return OneServer(client)
