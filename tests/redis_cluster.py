"""A Redis Cluster of child processes on loopback, which lives as long as a `with` block."""

import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Self

import redis

from streams.embedded.child import Child
from streams.embedded.redis import find_binary

SLOTS = 16_384
NODE_TIMEOUT_MS = 1_000
WAIT_SECONDS = 30.0
POLL_SECONDS = 0.02


class Node:
    """One server of the cluster, at its own port for as long as the cluster lives."""

    def __init__(self, directory: Path, port: int) -> None:
        self.port = port
        self.name = f"127.0.0.1:{port}"
        self.client = redis.Redis("127.0.0.1", port, decode_responses=True)
        self._directory = directory
        self._directory.mkdir()
        self._child: Child
        self.start()

    def start(self) -> None:
        """Start it, again if need be: what it knows of the cluster is in its file."""
        settings = {
            "bind": "127.0.0.1", "port": str(self.port), "dir": str(self._directory),
            "save": "", "maxmemory-policy": "noeviction", "repl-diskless-sync-delay": "0",
            "cluster-enabled": "yes", "cluster-node-timeout": str(NODE_TIMEOUT_MS),
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        with (self._directory / "log").open("ab") as log:
            self._child = Child([find_binary(), *words], output=log)
        wait_until(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.process.kill()
        self._child.process.wait()

    def info(self, field: str) -> str:
        """Return a field of `CLUSTER INFO`."""
        found = self.client.execute_command("CLUSTER INFO")
        return str(found[field])


class Cluster:
    """Three masters that share the slots, each with a replica or none."""

    def __init__(self, *, replicas: bool = False) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="portrait-cluster-")
        ports = free_ports(6 if replicas else 3)
        self.nodes = [Node(Path(self._scratch.name) / str(port), port) for port in ports]
        self.masters, self.replicas = self.nodes[:3], self.nodes[3:]
        self.url = f"redis+cluster://{self.masters[0].name}"
        self._join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        for node in self.nodes:
            node.client.close()
            node.kill()
        self._scratch.cleanup()

    def flush(self) -> None:
        for node in self.masters:
            node.client.flushall()

    def move_slot(self, slot: int, source: Node, target: Node) -> None:
        """Hand a slot over with its keys, as `redis-cli --cluster reshard` does."""
        ids = {node: node.client.execute_command("CLUSTER MYID") for node in (source, target)}
        setslot = ("CLUSTER SETSLOT", slot)
        target.client.execute_command(*setslot, "IMPORTING", ids[source])
        source.client.execute_command(*setslot, "MIGRATING", ids[target])
        while keys := source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 100):
            place = ("127.0.0.1", target.port, "", 0, 5000, "KEYS")
            source.client.execute_command("MIGRATE", *place, *keys)
        for node in (target, source):
            node.client.execute_command(*setslot, "NODE", ids[target])

    def _join(self) -> None:
        shares = [SLOTS * place // 3 for place in range(4)]
        first = self.masters[0]
        for number, node in enumerate(self.masters):
            slots = range(shares[number], shares[number + 1])
            node.client.execute_command("CLUSTER ADDSLOTS", *slots)
            node.client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            node.client.execute_command("CLUSTER MEET", "127.0.0.1", first.port)
        wait_until(lambda: all(self._knows_all(node) for node in self.nodes))
        for master, replica in zip(self.masters, self.replicas, strict=False):
            master_id = master.client.execute_command("CLUSTER MYID")
            replica.client.execute_command("CLUSTER REPLICATE", master_id)
        wait_until(lambda: all(self._follows(replica) for replica in self.replicas))
        wait_until(lambda: all(node.info("cluster_state") == "ok" for node in self.nodes))

    def _knows_all(self, node: Node) -> bool:
        return int(node.info("cluster_known_nodes")) == len(self.nodes)

    def _follows(self, replica: Node) -> bool:
        return replica.client.info("replication").get("master_link_status") == "up"


def free_ports(count: int) -> list[int]:
    """Return ports that are free, and 10,000 above them as well: there the nodes talk."""
    random, found = Random(), list[int]()
    while len(found) < count:
        port = random.randrange(10_000, 22_000)  # those above 32,768 come and go
        if port not in found and is_free(port) and is_free(port + 10_000):
            found.append(port)
    return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not there():
        assert time.monotonic() < deadline, "the cluster does not come to be"
        time.sleep(POLL_SECONDS)
