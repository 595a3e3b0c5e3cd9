"""Quix Streams: its state by key, and a batching sink that writes each customer's latest value."""

import os
from typing import Any

from job import encode, fold, key
from quixstreams import Application, State
from quixstreams.sinks import BatchingSink, SinkBatch
from redis import Redis

COMMIT_SECONDS = 0.5
BATCH = 5_000


class LatestToRedis(BatchingSink):
    def __init__(self) -> None:
        super().__init__()
        self._redis = Redis.from_url(os.environ["REDIS"])

    def write(self, batch: SinkBatch) -> None:
        latest = {item.key.decode(): item.value for item in batch}
        self._redis.mset({key(customer): encode(value) for customer, value in latest.items()})


def counted(event: dict[str, Any], state: State) -> dict[str, int]:
    total = fold(state.get("total"), event)
    state.set("total", total)
    return total


application = Application(
    broker_address=os.environ["KAFKA"],
    consumer_group=f"quix.{os.environ['TOPIC']}",
    auto_offset_reset="earliest",
    commit_interval=COMMIT_SECONDS,
    commit_every=BATCH,
    auto_create_topics=False,
    use_changelog_topics=False,
    state_dir=os.environ["STATE"],
)
topic = application.topic(os.environ["TOPIC"], value_deserializer="json")
application.dataframe(topic).apply(counted, stateful=True).sink(LatestToRedis())
application.run()
