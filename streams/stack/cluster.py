"""A Redis Cluster of child processes: three masters that share the slots, each with a replica."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from redis.crc import key_slot

from streams.stack.errors import ServerError
from streams.stack.node import POLL_SECONDS, START_WAIT_SECONDS, Cluster
from streams.stack.redis import RedisNode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLOTS = 16_384
MASTERS = 3
SETTINGS = {
    "cluster_enabled": "yes",
    # milliseconds until a silent master is replaced; Redis's own 15 s would be long to wait for
    "cluster_node_timeout": "2000",
    # a replica stands for election however long it was without its master: on a machine that stood
    # still for half a minute, none would be young enough otherwise, and its slots stay unserved
    "cluster_replica_validity_factor": "0",
    "repl_diskless_sync_delay": "0",  # no second replica is worth waiting for
}


class RedisCluster(Cluster):
    """Inside a `with` block the servers run, and `url` names one of them.

    `masters` and `replicas` are the nodes by their first role, `replicas[n]` that of `masters[n]`;
    after a failover `serving` tells who is master now. `directory` keeps data, ports and roles,
    also for a later RedisCluster. `settings` are Redis's own, as for RedisNode.
    """

    def __init__(self, directory: Path, *, replicas: bool = True, **settings: str) -> None:
        count = 2 * MASTERS if replicas else MASTERS
        self.nodes: list[RedisNode] = [
            RedisNode(directory / f"redis-{number}", **SETTINGS | settings)
            for number in range(1, count + 1)
        ]
        self.masters, self.replicas = self.nodes[:MASTERS], self.nodes[MASTERS:]

    @property
    def url(self) -> str:
        """`redis+cluster://host:port` of one of the nodes that run: a client asks it for all."""
        node = next((node for node in self.nodes if node.alive), self.nodes[0])
        return f"redis+cluster://{node.address}"

    def start(self) -> None:
        """Launch all nodes that do not run, join them the first time, wait until all is served.

        Raises:
            ServerError: a node ended, or they did not come to an agreement.
        """
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_until_ready()
        if _info(self.nodes[0], "cluster_known_nodes") == "1":
            self._join()
        self.wait_until_served()

    def stop(self) -> None:
        """End all nodes; what they have acknowledged is in their files."""
        for node in reversed(self.nodes):  # replicas first: no master need wait for one
            node.stop()

    def wait_until_served(self) -> None:
        """Wait until every node that runs knows of a master for every slot."""
        self._wait(lambda: all(_info(node, "cluster_state") == "ok" for node in self._alive()))

    def serving(self) -> list[RedisNode]:
        """Return the nodes that run and are masters now."""
        return [node for node in self._alive() if _replication(node, "role") == "master"]

    def owner(self, key: str) -> RedisNode:
        """Return the master of a key's slot, as the nodes that run know it."""
        slot = key_slot(key.encode())
        port = next(port for first, last, port in self._shares() if first <= slot <= last)
        return next(node for node in self.nodes if node.port == port)

    def flush(self) -> None:
        """Empty the cluster."""
        for node in self.serving():
            node.ask("FLUSHALL")

    def move_slot(self, slot: int, source: RedisNode, target: RedisNode) -> None:
        """Hand a slot over with its keys, as `redis-cli --cluster reshard` does."""
        ids = {node: node.ask("CLUSTER MYID") for node in (source, target)}
        target.ask("CLUSTER SETSLOT", slot, "IMPORTING", ids[source])
        source.ask("CLUSTER SETSLOT", slot, "MIGRATING", ids[target])
        while keys := source.ask("CLUSTER GETKEYSINSLOT", slot, 100):
            source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        for node in (target, source):
            node.ask("CLUSTER SETSLOT", slot, "NODE", ids[target])

    def last_words(self) -> str:
        """Return the end of every node's log."""
        return "\n".join(f"{node}:\n{node.last_words()}" for node in self.nodes)

    def _join(self) -> None:
        shares = [SLOTS * number // MASTERS for number in range(MASTERS + 1)]
        for number, master in enumerate(self.masters):
            master.ask("CLUSTER ADDSLOTS", *range(shares[number], shares[number + 1]))
            master.ask("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            node.ask("CLUSTER MEET", "127.0.0.1", self.nodes[0].port)
        count = str(len(self.nodes))
        self._wait(lambda: all(_info(node, "cluster_known_nodes") == count for node in self.nodes))
        for master, replica in zip(self.masters, self.replicas, strict=False):
            replica.ask("CLUSTER REPLICATE", master.ask("CLUSTER MYID"))
        self._wait(
            lambda: all(_replication(node, "master_link_status") == "up" for node in self.replicas)
        )

    def _shares(self) -> list[tuple[int, int, int]]:
        """Return first slot, last slot and the master's port of every range of slots."""
        found = self._alive()[0].ask("CLUSTER SLOTS")
        return [(first, last, master[1]) for first, last, master, *_ in found]

    def _alive(self) -> list[RedisNode]:
        return [node for node in self.nodes if node.alive]

    def _wait(self, there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_WAIT_SECONDS
        while not there():
            if time.monotonic() > deadline:
                raise ServerError(f"the nodes do not agree; their last words:\n{self.last_words()}")
            time.sleep(POLL_SECONDS)


def _info(node: RedisNode, field: str) -> str:
    return str(node.ask("CLUSTER INFO")[field])


def _replication(node: RedisNode, field: str) -> object:
    return node.ask("INFO", "replication")[field]
