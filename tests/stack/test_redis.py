"""A Redis comes back with its append-only file; a frozen one answers later."""

import pytest
from redis.exceptions import TimeoutError as RedisTimeoutError

from streams.stack import RedisNode, ServerError
from streams.stack import node as node_module


def test_a_killed_redis_comes_back_at_its_address_with_its_keys(tmp_path, redis_server):
    with RedisNode(tmp_path, appendfsync="always") as node, node.client() as client:
        client.set("key", "kept")
        first_life = node.pid
        node.kill()
        node.start()
        assert node.pid != first_life
        assert client.get("key") == "kept"


def test_a_frozen_redis_answers_when_it_goes_on(tmp_path, redis_server):
    with RedisNode(tmp_path) as node, node.client() as client:
        node.pause()
        assert node.alive
        with pytest.raises(RedisTimeoutError):
            client.ping()
        node.resume()
        node.wait_until_ready()
        assert client.ping()
        node.pause()  # it can be stopped all the same


def test_a_server_that_dies_at_once_shows_its_last_words(tmp_path, redis_server):
    with pytest.raises(ServerError, match="no-such-setting"):
        RedisNode(tmp_path, no_such_setting="1").start()


def test_a_server_that_does_not_come_up_is_not_left_running(tmp_path, redis_server, monkeypatch):
    monkeypatch.setattr(node_module, "START_WAIT_SECONDS", 0.2)
    node = RedisNode(tmp_path)
    monkeypatch.setattr(node, "ready", lambda: False)
    with pytest.raises(ServerError, match="not ready"), node:
        pass
    assert not node.alive


def test_nothing_can_be_done_with_a_server_that_was_never_launched(tmp_path):
    node = RedisNode(tmp_path)
    node.stop()
    node.kill()
    with pytest.raises(ServerError):
        node.pause()
