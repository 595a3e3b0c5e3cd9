"""Real servers without containers: Kafka and Redis as child processes, alone or as clusters."""

from streams.stack.cluster import RedisCluster
from streams.stack.errors import (
    ArtifactsError,
    DirectoryError,
    MissingToolError,
    ServerError,
    StackError,
)
from streams.stack.kafka import KafkaCluster, KafkaNode
from streams.stack.redis import RedisNode
from streams.stack.stack import Stack

__all__ = [
    "ArtifactsError",
    "DirectoryError",
    "KafkaCluster",
    "KafkaNode",
    "MissingToolError",
    "RedisCluster",
    "RedisNode",
    "ServerError",
    "Stack",
    "StackError",
]
