"""The settings of a broker, as `server.properties` wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLUSTER_ID = "cG9ydHJhaXQtc3RhY2stMA"  # any 16 bytes, base64

FIXED = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "CLIENTS",
    "controller.listener.names": "CONTROLLER",
    # a misspelt topic is an error, not a new topic
    "auto.create.topics.enable": "false",
    # a member that joins an empty group need not wait for others
    "group.initial.rebalance.delay.ms": "0",
    # a broker that was killed may come back when its old session has ended, by default after 9 s
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "1000",
    # whoever tests how a dead worker is replaced wants it sooner than after the default 6 s
    "group.min.session.timeout.ms": "1000",
    # of 50 each by default, most of what a small broker opens at its start
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "log.cleaner.dedupe.buffer.size": "8388608",  # bytes, of a small heap
}


def properties(node_id: int, port: int, voters: Mapping[int, str], data: Path) -> dict[str, str]:
    """Return a broker's settings; `voters` are all controllers, `host:port` by node id."""
    clients = f"CLIENTS://127.0.0.1:{port}"
    replicas, in_sync = len(voters), max(1, len(voters) - 1)
    return FIXED | {
        "node.id": str(node_id),
        "controller.quorum.voters": ",".join(f"{id_}@{at}" for id_, at in voters.items()),
        "listeners": f"{clients},CONTROLLER://{voters[node_id]}",
        "advertised.listeners": clients,
        "log.dirs": str(data),
        "default.replication.factor": str(replicas),
        "min.insync.replicas": str(in_sync),
        "offsets.topic.replication.factor": str(replicas),
        "transaction.state.log.replication.factor": str(replicas),
        "transaction.state.log.min.isr": str(in_sync),
    }
