"""Faust as its documentation has it, and one Redis pipeline for each event."""

import os
from typing import Any

import faust
from job import MONEY_SCALE, key
from redis.asyncio import Redis

app = faust.App(
    f"faust.{os.environ['TOPIC']}",
    broker=f"kafka://{os.environ['KAFKA']}",
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
    topic_allow_declare=False,
    topic_disable_leader=True,
    stream_wait_empty=False,
    store="memory://",
    datadir=os.environ["STATE"],
)
topic = app.topic(os.environ["TOPIC"], key_serializer="raw", value_serializer="json")
redis = Redis.from_url(os.environ["REDIS"])


@app.agent(topic)
async def count(events: faust.StreamT[dict[str, Any]]) -> None:
    async for event in events:
        customer = key(event["customer_id"])
        async with redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(customer, "lines", 1)
            pipe.hincrby(customer, "items", event["quantity"])
            spent = round(event["price"] * MONEY_SCALE) * event["quantity"]
            pipe.hincrby(customer, "revenue", spent)
            pipe.hsetnx(customer, "first", event["ts"])  # a customer's events come in order
            pipe.hset(customer, "last", event["ts"])
            await pipe.execute()


if __name__ == "__main__":
    app.main()
