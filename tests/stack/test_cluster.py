"""A killed master of a Redis Cluster is replaced, and comes back as a replica."""

import time
from collections.abc import Callable

import pytest
from redis import RedisCluster as Client
from redis.exceptions import RedisError

from streams.stack import RedisCluster
from tests.stack.conftest import WAIT_SECONDS


@pytest.fixture
def failing_cluster(tmp_path, redis_server):
    with RedisCluster(tmp_path) as cluster:
        yield cluster


def client_of(cluster: RedisCluster) -> Client:
    return Client.from_url(cluster.url.replace("+cluster", ""), decode_responses=True)


def until(there: Callable[[], bool], cluster: RedisCluster) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not there():
        assert time.monotonic() < deadline, cluster.last_words()
        time.sleep(0.02)


def accepts(client: Client, key: str, value: str) -> bool:
    try:
        return client.set(key, value)
    except RedisError:
        return False


def test_a_killed_master_is_replaced_and_comes_back_as_a_replica(failing_cluster):
    cluster = failing_cluster
    with client_of(cluster) as client:
        client.set("key", "1")
        client.wait(1, 1000, target_nodes=[client.get_node_from_key("key")])  # its replica has it
        lost = cluster.owner("key")
        replacement = cluster.replicas[cluster.masters.index(lost)]
        lost.kill()
        until(lambda: replacement in cluster.serving(), cluster)
        assert client.get("key") == "1"
        until(lambda: accepts(client, "key", "2"), cluster)
    until(lambda: cluster.owner("key") is replacement, cluster)  # the others hear of it by gossip
    lost.start()
    cluster.wait_until_served()
    until(lambda: lost.ask("ROLE")[0] == "slave", cluster)
    assert len(cluster.serving()) == 3


def test_a_later_cluster_in_the_same_directory_goes_on(tmp_path, redis_server):
    with RedisCluster(tmp_path, replicas=False) as first, client_of(first) as client:
        client.set("key", "1")
    with RedisCluster(tmp_path, replicas=False) as later, client_of(later) as client:
        assert later.url == first.url
        assert client.get("key") == "1"


def test_a_slot_moves_with_its_keys(redis_cluster, cluster_url):
    with client_of(redis_cluster) as client:
        client.set("key", "1")
        source = redis_cluster.owner("key")
        target = next(node for node in redis_cluster.masters if node is not source)
        redis_cluster.move_slot(client.keyslot("key"), source, target)
        try:
            assert redis_cluster.owner("key") is target
            assert client.get("key") == "1"
        finally:
            redis_cluster.move_slot(client.keyslot("key"), target, source)
