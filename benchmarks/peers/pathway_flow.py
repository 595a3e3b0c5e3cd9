"""Pathway: aggregates of its Rust engine, and `MSET` of what changed at each of its times."""

import os
from typing import Any

import pathway as pw
from job import FIELDS, MONEY_SCALE, encode, key
from redis import Redis

COMMIT_MS = 100


class Purchase(pw.Schema):
    customer_id: str
    quantity: int
    price: float
    ts: int


class LatestToRedis:
    def __init__(self) -> None:
        self._redis = Redis.from_url(os.environ["REDIS"])
        self._changed: dict[str, bytes] = {}

    def take(self, key: pw.Pointer, row: dict[str, Any], time: int, is_addition: bool) -> None:
        if is_addition:
            self._changed[row["customer_id"]] = encode({name: row[name] for name in FIELDS})

    def write(self, time: int) -> None:
        if self._changed:
            self._redis.mset({key(who): value for who, value in self._changed.items()})
            self._changed.clear()


events = pw.io.kafka.read(
    {
        "bootstrap.servers": os.environ["KAFKA"],
        "group.id": f"pathway.{os.environ['TOPIC']}",
        "auto.offset.reset": "earliest",
    },
    topic=os.environ["TOPIC"],
    schema=Purchase,
    format="json",
    autocommit_duration_ms=COMMIT_MS,
)
price = pw.cast(int, (pw.this.price * MONEY_SCALE).num.round())
lines = events.with_columns(spent=price * pw.this.quantity)
totals = lines.groupby(pw.this.customer_id).reduce(
    pw.this.customer_id,
    lines=pw.reducers.count(),
    items=pw.reducers.sum(pw.this.quantity),
    revenue=pw.reducers.sum(pw.this.spent),
    first=pw.reducers.min(pw.this.ts),
    last=pw.reducers.max(pw.this.ts),
)
sink = LatestToRedis()
pw.io.subscribe(totals, on_change=sink.take, on_time_end=sink.write)
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
