"""Bytewax: decode whole batches, fold by key a batch at a time, `MSET` what changed."""

import os
from collections.abc import Iterable
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSourceMessage
from bytewax.connectors.kafka import operators as kafka
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from confluent_kafka import OFFSET_BEGINNING
from job import decode, encode, fold, key
from redis import Redis

BATCH = 5_000

State = dict[str, int]


def decoded(messages: list[KafkaSourceMessage]) -> Iterable[tuple[str, dict[str, Any]]]:
    events = [decode(message.value) for message in messages]
    return [(event["customer_id"], event) for event in events]


class Fold(op.StatefulBatchLogic):
    def __init__(self, state: State | None) -> None:
        self.state = state

    def on_batch(self, events: list[dict[str, Any]]) -> tuple[Iterable[bytes], bool]:
        for event in events:
            self.state = fold(self.state, event)
        return [encode(self.state)], self.RETAIN

    def snapshot(self) -> State | None:
        return self.state and dict(self.state)


class Partition(StatelessSinkPartition):
    def __init__(self) -> None:
        self._redis = Redis.from_url(os.environ["REDIS"])

    def write_batch(self, items: list[tuple[str, bytes]]) -> None:
        self._redis.mset({key(customer): value for customer, value in items})


class RedisSink(DynamicSink):
    def build(self, step_id: str, worker_index: int, worker_count: int) -> Partition:
        return Partition()


flow = Dataflow("peers")
records = kafka.input(
    "kafka",
    flow,
    brokers=[os.environ["KAFKA"]],
    topics=[os.environ["TOPIC"]],
    starting_offset=OFFSET_BEGINNING,
    batch_size=BATCH,
)
events = op.flat_map_batch("decode", records.oks, decoded)
changed = op.stateful_batch("fold", events, Fold)
op.output("redis", changed, RedisSink())
