"""However a log is cut into batches, and however often it is read: the same profiles."""

import asyncio
import itertools
import random
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from profiles.keyspace import customer_of
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import Section
from profiles.stores.redis import RedisStore
from streams.embedded.broker import PARTITIONS
from streams.sources import load_mapping, open_source, source_name
from tests.conftest import DATA
from tests.worker.stubs import World, batches

ROWS = 15_000  # of Online Retail; None for all of it
KNOWN_IDS = PurchaseFacts.IDS[0]  # whatever their age
SIZES = (1, 7, 5_000)
TOPIC = "events.purchase"
HOUR_MS = 3_600_000

Logs = dict[int, list[bytes]]
"""Values of events by partition, in order."""

Stored = dict[bytes, Any]


@pytest.fixture(scope="module")
def logs() -> Logs:
    """Real order lines where the data is at hand, else made-up ones."""
    path = DATA / "online_retail.parquet"
    events = real_events(path) if path.is_file() else synthetic_events()
    found: Logs = {number: [] for number in range(PARTITIONS)}
    for customer, payload in itertools.islice(events, ROWS):
        found[zlib.crc32(customer.encode()) % PARTITIONS].append(payload)
    return found


def real_events(path: Path):
    mapping = load_mapping("online_retail")
    to_events = mapping.compile(source_name(str(path)))
    for chunk in open_source(str(path), mapping.source):
        yield from ((event.key or "", event.payload) for event in to_events(chunk))


def synthetic_events():
    chance = random.Random(5)
    for number in itertools.count():
        customer = f"c{chance.randrange(400)}"
        event = {
            "type": chance.choice(["purchase", "purchase", "purchase", "return"]),
            "event_id": str(number - number % 50 // 49),  # every 50th is a duplicate
            "customer_id": customer if number % 9 else None,
            "ts": 1_300_000_000_000 + number * HOUR_MS // 60,
            "order_id": f"o{number // 6}",
            "item_id": f"i{chance.randrange(90)}",
            "quantity": chance.randrange(1, 9),
            "price": chance.randrange(1, 999) / 100,
        }
        yield customer, orjson.dumps(event)


def cut(logs: Logs, size: int, lives: int = 1):
    """All partitions' batches, by turns; with two lives the log holds everything twice."""
    cuts = [batches(TOPIC, number, log * lives, size) for number, log in logs.items()]
    return (batch for turn in itertools.zip_longest(*cuts) for batch in turn if batch)


async def stored(client: Redis) -> Stored:
    """Every state and profile, byte for byte."""
    keys = sorted([key async for key in client.scan_iter() if not key.startswith(b"mark")])
    async with client.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hgetall(key)
        return dict(zip(keys, await pipeline.execute(), strict=True))


async def written_in(client: Redis, logs: Logs, size: int) -> Stored:
    await client.flushall()
    await World(RedisStore(client)).take(cut(logs, size))
    return await stored(client)


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(scope="module")
def in_large_batches(logs: Logs, redis_server: Any) -> Stored:
    """What the largest batches make of the logs."""

    async def fill() -> Stored:
        async with Redis.from_url(redis_server.url) as client:
            return await written_in(client, logs, SIZES[-1])

    return asyncio.run(fill())


@pytest.mark.parametrize("size", SIZES[:-1])
async def test_batches_of_any_size_store_the_same_bytes(
    client: Redis, logs: Logs, in_large_batches: Stored, size: int
) -> None:
    assert in_large_batches
    assert await written_in(client, logs, size) == in_large_batches


async def test_the_same_coordinates_again_change_not_one_section(client: Redis, logs: Logs) -> None:
    before = await written_in(client, logs, SIZES[-1])
    await client.delete(*[key async for key in client.scan_iter("mark:*")])
    again = World(RedisStore(client))
    await again.take(cut(logs, SIZES[-1]))
    assert again.pipeline.counts.records == sum(map(len, logs.values()))
    assert again.pipeline.counts.counted == again.pipeline.counts.duplicates == 0
    assert await stored(client) == before


async def test_a_log_already_behind_the_mark_is_not_read_again(client: Redis, logs: Logs) -> None:
    before = await written_in(client, logs, SIZES[-1])
    again = World(RedisStore(client))
    await again.take(cut(logs, SIZES[-1]))
    assert {position for _, position in again.log.seeks} == {len(log) for log in logs.values()}
    assert again.pipeline.counts.batches == 0
    assert await stored(client) == before


async def test_the_same_events_under_new_coordinates_are_duplicates(
    client: Redis, logs: Logs, in_large_batches: Stored
) -> None:
    """As promised: for customers whose ids are all known, however long ago they came."""
    await client.flushall()
    await World(RedisStore(client)).take(cut(logs, SIZES[-1], lives=2))
    twice = await stored(client)
    events = events_by_customer(logs)
    few = [key for key in in_large_batches if 0 < events[customer_of(key.decode())] <= KNOWN_IDS]
    assert len(few) > len(in_large_batches) * 0.9
    assert {key: facts(twice[key]) for key in few} == {
        key: facts(in_large_batches[key]) for key in few
    }


def events_by_customer(logs: Logs) -> Counter[str]:
    values = itertools.chain.from_iterable(logs.values())
    return Counter(str(orjson.loads(value).get("customer_id")) for value in values)


def facts(fields: dict[bytes, bytes]) -> dict[bytes, Any]:
    """A profile as it is; of a state the facts alone, since watermark and duplicates moved on."""
    return {
        name: Section.decode("purchase", value).facts.pack() if b"/" in name else value
        for name, value in fields.items()
    }
