"""CPU per event as customers grow: while the cache holds them, and when it does not.

    python benchmarks/scale.py [--customers 10000 1000000]

Every customer has bought once before anything is measured. Then events of customers at random come
in batches of a few hundred, so that nearly every one is another customer's, whatever their number:
what grows is what finding and storing a customer costs. All traits, questions included; Redis'
own time too. Once with a cache that holds all, once with one that holds `--held` of them.
"""

import argparse
import asyncio
import gc
import random
import time
from collections.abc import Iterator
from typing import NamedTuple

import orjson
import psutil
from redis.asyncio import Redis

from profiles.cache import SectionCache
from profiles.changes import Batch
from profiles.derive import Deriver
from profiles.keyspace import Partition
from profiles.scores import LiveScores
from profiles.store import Footing, Mark
from profiles.stores.redis import RedisStore
from profiles.traits import catalogue
from profiles.update import ProfileUpdater
from schemas.decode import decode
from streams.embedded.redis import EmbeddedRedis
from streams.transport.run import GC_THRESHOLDS

PARTITION = Partition("purchase", 0)
BATCH, MEASURED = 500, 10_000  # few: customers who have bought often cost more
START_MS, DAY_MS = 1_600_000_000_000, 86_400_000
NO_LIMIT_MS = 1 << 50
ENOUGH, MEBIBYTE = 16 << 30, 1 << 20


class Written(NamedTuple):
    offset: int
    value: bytes
    timestamp: int = 0


class Shop:
    """One partition's log: every customer once, then customers at random."""

    def __init__(self, customers: int) -> None:
        self._random = random.Random(1)
        self._customers = customers
        self._offset = 0

    def first(self) -> Iterator[list[Written]]:
        for start in range(0, self._customers, BATCH):
            last = min(start + BATCH, self._customers)
            yield [self._event(customer) for customer in range(start, last)]

    def later(self) -> Iterator[list[Written]]:
        for _ in range(MEASURED // BATCH):
            yield [self._event(self._random.randrange(self._customers)) for _ in range(BATCH)]

    def _event(self, customer: int) -> Written:
        offset, self._offset = self._offset, self._offset + 1
        item, price = self._random.randrange(500), self._random.randrange(100, 9_000) / 100
        event = {
            "type": "purchase",
            "event_id": f"e{offset}",
            "order_id": f"o{offset}",
            "customer_id": f"c{customer}",
            "ts": START_MS + offset * DAY_MS // self._customers,
            "item_id": f"item-{item}",
            "category": f"category-{item % 12}",
            "price": price,
            "quantity": 1 + item % 3,
        }
        return Written(offset, orjson.dumps(event))


class Worker:
    """Takes batches all the way to Redis, in this process."""

    def __init__(self, client: Redis, cache_bytes: int) -> None:
        self._store = RedisStore(client)
        deriver = Deriver(catalogue(), "GBP", LiveScores())
        self._cache = SectionCache(cache_bytes)
        self._updater = ProfileUpdater(self._store, self._cache, deriver)
        self._footing: Footing | None = None

    def bytes_of(self, customer: str) -> int:
        """Return what a cached customer takes."""
        entry = self._cache.peek(customer)
        assert entry is not None
        return entry.size

    async def take(self, records: list[Written]) -> None:
        footing = self._footing or await self._store.footing(PARTITION)
        if footing.mark is None:
            footing = await self._store.advance(PARTITION, footing, Mark(1, 0))
        decoded = decode(PARTITION.kind, records, NO_LIMIT_MS)
        events = [(records[index].offset, event) for index, event in decoded.accepted]
        update = await self._updater.fold(Batch(PARTITION, 1, events))
        mark = Mark(1, records[-1].offset + 1)
        self._footing = await self._updater.write(footing, update, mark)


async def measure(server: EmbeddedRedis, customers: int, held: float) -> list[float]:
    """Return the CPU microseconds per event with all in the cache, and with a part of them."""
    shop, spent = Shop(customers), []
    async with Redis.from_url(server.url) as client:
        worker = Worker(client, ENOUGH)
        for batch in shop.first():
            await worker.take(batch)
        spent.append(await micros(worker, shop, server.pid))
        worker = Worker(client, int(held * customers * worker.bytes_of("c0")))
        for batch in shop.later():  # to fill it
            await worker.take(batch)
        spent.append(await micros(worker, shop, server.pid))
        memory = (await client.info("memory"))["used_memory"] / MEBIBYTE
    print(f"{customers:12,} {spent[0]:12.1f} {spent[1]:12.1f} {memory:14,.0f}", flush=True)
    return spent


async def micros(worker: Worker, shop: Shop, redis_pid: int) -> float:
    """Return the CPU microseconds per event of worker and Redis together."""
    batches = list(shop.later())
    before = time.process_time() + cpu_of(redis_pid)
    for batch in batches:
        await worker.take(batch)
    return (time.process_time() + cpu_of(redis_pid) - before) / MEASURED * 1e6


def cpu_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--held", type=float, default=0.1, help="share of customers cached")
    given = parser.parse_args()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    part = f"{given.held:.0%} cached"
    print(f"{'customers':>12} {'all cached':>12} {part:>12} {'Redis, MiB':>14}")
    found = []
    for customers in given.customers:
        with EmbeddedRedis() as server:
            found.append(asyncio.run(measure(server, customers, given.held)))
    (first, _), last = found[0], found[-1]
    print(f"{'growth':>12} {last[0] / first:12.2f} {last[1] / first:12.2f}")


if __name__ == "__main__":
    main()
