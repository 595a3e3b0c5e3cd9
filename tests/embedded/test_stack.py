"""The embedded servers speak the real protocols, tell why they fail, and leave nothing behind."""

import itertools
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time

import confluent_kafka
import psutil
import pytest
import redis

from streams.embedded import (
    Child,
    EmbeddedBroker,
    EmbeddedRedis,
    EmbeddedServerError,
    EmbeddedStack,
)
from streams.embedded import redis as embedded_redis

DEADLINE_SECONDS = 120  # a bound, not an expectation


def gone(pid: int) -> bool:
    """Whether the process is dead; a zombie is dead, its exit is only unread."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return gone(pid)


def test_the_stack_carries_a_record_and_a_key():
    with EmbeddedStack() as stack:
        producer = confluent_kafka.Producer({"bootstrap.servers": stack.kafka})
        producer.produce("events.purchase", b"value", key=b"key", partition=0)
        assert producer.flush(DEADLINE_SECONDS) == 0
        consumer = confluent_kafka.Consumer({"bootstrap.servers": stack.kafka, "group.id": "g"})
        consumer.assign([confluent_kafka.TopicPartition("events.purchase", 0, 0)])
        message = consumer.poll(DEADLINE_SECONDS)
        consumer.close()
        assert (message.key(), message.value()) == (b"key", b"value")
        client = redis.Redis.from_url(stack.redis_url)
        assert client.set("a", 1)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "no"}


def test_every_broker_has_an_epoch_of_its_own():
    with EmbeddedBroker() as one, EmbeddedBroker() as other:
        assert one.epoch != other.epoch
        assert one.bootstrap != other.bootstrap


def test_a_closed_broker_no_longer_listens():
    with EmbeddedBroker() as broker:
        host, port = broker.bootstrap.split(":")
        socket.create_connection((host, int(port)), DEADLINE_SECONDS).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), DEADLINE_SECONDS)


def test_redis_listens_on_loopback_only():
    with EmbeddedRedis() as server:
        listening = [
            c for c in psutil.Process(server.pid).net_connections() if c.status == "LISTEN"
        ]
        assert [c.laddr.ip for c in listening] == ["127.0.0.1"]


def test_a_directory_keeps_the_state_over_a_restart(tmp_path):
    with EmbeddedRedis(tmp_path) as server:
        redis.Redis.from_url(server.url).set("a", "kept")
    with EmbeddedRedis(tmp_path) as server:
        assert redis.Redis.from_url(server.url).get("a") == b"kept"


def test_without_a_directory_nothing_stays_on_disk():
    with EmbeddedRedis() as server:
        home = redis.Redis.from_url(server.url).config_get("dir")["dir"]
        assert os.path.isdir(home)  # noqa: PTH112 - a path as Redis tells it
    assert not os.path.exists(home)  # noqa: PTH110 - as above


def test_a_taken_port_is_tried_again_with_another(monkeypatch):
    with EmbeddedRedis() as first:
        ports = itertools.chain([first.port], iter(embedded_redis._free_port, None))
        monkeypatch.setattr(embedded_redis, "_free_port", lambda: next(ports))
        with EmbeddedRedis() as second:
            assert second.port != first.port


def test_a_server_that_dies_at_once_shows_its_last_words(tmp_path):
    binary = tmp_path / "broken-server"
    binary.write_text("#!/bin/sh\necho cannot do this\nexit 1\n")
    binary.chmod(0o755)
    with pytest.raises(EmbeddedServerError, match="cannot do this"):
        EmbeddedRedis(binary=str(binary))


def test_a_child_that_ignores_sigterm_is_killed():
    stubborn = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(flush=True); signal.pause()"
    )
    child = Child([sys.executable, "-c", stubborn], output=subprocess.PIPE)
    assert child.process.stdout is not None
    child.process.stdout.readline()  # it ignores SIGTERM from here on
    assert child.stop(wait_seconds=0.2) == -signal.SIGKILL
    child.process.stdout.close()


PARENT = """
import json, os, signal, sys, psutil
from streams.embedded import EmbeddedStack
with EmbeddedStack() as stack:
    print(json.dumps([child.pid for child in psutil.Process().children()]), flush=True)
    if sys.argv[1] == "crash":
        os.abort()
    signal.pause()
"""


def no_core_dump() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGKILL", "crash"])
def test_no_child_outlives_its_parent_however_it_ends(end):
    parent = subprocess.Popen(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", PARENT, end],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=no_core_dump,
    )
    assert parent.stdout is not None
    children = json.loads(parent.stdout.readline())
    assert children
    if end != "crash":
        parent.send_signal(getattr(signal, end))
    parent.wait(DEADLINE_SECONDS)
    parent.stdout.close()
    assert all(wait_until_gone(pid) for pid in children)
