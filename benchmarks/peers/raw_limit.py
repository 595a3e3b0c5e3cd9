"""The least that any program in Python does: `getmany`, decode, coalesce by customer, `MSET`."""

import asyncio
import os

from aiokafka import AIOKafkaConsumer
from job import decode, encode, fold, key
from redis.asyncio import Redis

BATCH = 5_000


async def main() -> None:
    redis = Redis.from_url(os.environ["REDIS"])
    consumer = AIOKafkaConsumer(
        os.environ["TOPIC"],
        bootstrap_servers=os.environ["KAFKA"],
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    states: dict[str, dict[str, int]] = {}
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        touched = set()
        for records in fetched.values():
            for record in records:
                event = decode(record.value)
                customer = event["customer_id"]
                states[customer] = fold(states.get(customer), event)
                touched.add(customer)
        if touched:
            await redis.mset({key(each): encode(states[each]) for each in touched})


asyncio.run(main())
