"""Servers and data that tests of several packages share.

Servers start once, when the first test asks for one. What cannot be had on this machine is skipped
with the reason, and fails in continuous integration.
"""

import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import redis
from hypothesis import settings

from schemas.errors import PortraitError
from streams.embedded import EmbeddedRedis, EmbeddedServerError
from streams.stack import ArtifactsError, KafkaCluster, MissingToolError, RedisCluster

settings.register_profile("portrait", deadline=None)  # the machine may be busy
settings.load_profile("portrait")

DATA = Path(__file__).parents[2] / "shared" / "data"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # started in the background: commands under test would inherit it and not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    """A real Redis, without a disk."""
    try:
        server = EmbeddedRedis()
    except EmbeddedServerError as error:
        cannot_be_had(error)
    with server:
        yield server


def cannot_be_had(error: PortraitError) -> NoReturn:
    """Skip the test for want of a server, except in continuous integration."""
    if os.environ.get("CI") == "true":
        raise error
    pytest.skip(str(error))


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """The address of an empty Redis."""
    return emptied(redis_server)


def emptied(server: EmbeddedRedis) -> str:
    """Forget what other tests have left there; return the address."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
    return server.url


@pytest.fixture(scope="session")
def redis_cluster(
    redis_server: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisCluster]:
    """A Redis Cluster of three masters without replicas, which all tests share."""
    home = tmp_path_factory.mktemp("redis-cluster")
    with RedisCluster(home, replicas=False, appendonly="no") as cluster:
        yield cluster


@pytest.fixture
def cluster_url(redis_cluster: RedisCluster) -> str:
    """The address of an empty Redis Cluster."""
    redis_cluster.flush()
    return redis_cluster.url


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Kafka of one broker: PORTRAIT_KAFKA, else one of our own.

    All tests share it, so topics and groups need names that nobody else uses.
    """
    if given := os.environ.get("PORTRAIT_KAFKA"):
        yield given
        return
    try:
        cluster = KafkaCluster(tmp_path_factory.mktemp("kafka"), quick_start=True)
        cluster.start()
    except (MissingToolError, ArtifactsError) as error:
        cannot_be_had(error)
    with cluster:
        yield cluster.bootstrap


@pytest.fixture
def topic_prefix() -> str:
    """What makes the names of a test's topics its own, on a Kafka that all tests share."""
    return f"test-{secrets.token_hex(4)}."


@pytest.fixture(scope="session")
def data() -> Path:
    """The directory of public data sets, which are no part of the project."""
    if not DATA.is_dir():
        pytest.skip("no public data in ../shared/data")
    return DATA
