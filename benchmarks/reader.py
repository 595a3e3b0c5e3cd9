"""What reading profiles costs beside bare redis-py: one by one, and a thousand in one call.

    python benchmarks/reader.py [--rounds 15]

Profiles are those of the synthetic shop's customers. Rounds of both alternate; printed are medians
of their times and of the ratios of pairs.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from stages import batches
from worker import shop_events

from profiles.cache import SectionCache
from profiles.changes import Batch
from profiles.derive import Deriver
from profiles.keyspace import profile_key
from profiles.reader import ProfileReader
from profiles.scores import LiveScores
from profiles.store import Mark
from profiles.stores.redis import RedisStore
from profiles.traits import catalogue
from profiles.update import ProfileUpdater
from schemas.decode import decode
from streams.embedded.redis import EmbeddedRedis

CUSTOMERS, EVENTS, BEHIND = 1_000, 60_000, 10_000
FIELDS = ("orders", "revenue", "last_seen", "top_category.1", "rfm.tier")
NO_LIMIT_MS = 1 << 50


async def fill(url: str) -> None:
    """Fold a shop into the server."""
    async with AsyncRedis.from_url(url) as client:
        store = RedisStore(client)
        deriver = Deriver(catalogue(), "GBP", LiveScores())
        updater = ProfileUpdater(store, SectionCache(96 << 20), deriver)
        for partition, records in batches(list(shop_events(EVENTS, CUSTOMERS)), BEHIND):
            footing = await store.footing(partition)
            if footing.mark is None:
                footing = await store.advance(partition, footing, Mark(1, 0))
            decoded = decode(partition.kind, records, NO_LIMIT_MS)
            found = [(records[index].offset, event) for index, event in decoded.accepted]
            await updater.write(footing, await updater.fold(Batch(partition, 1, found)))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(url: str, rounds: int) -> None:
    """Print both comparisons."""
    with Redis.from_url(url) as client:
        reader = ProfileReader(client)
        customers = [key.decode()[9:-1] for key in client.keys("profile:*")][:CUSTOMERS]
        keys = [profile_key(customer) for customer in customers]
        names = list(FIELDS)

        def ours() -> None:
            for customer in customers:
                reader.get(customer, *FIELDS)

        def bare() -> None:
            for key in keys:
                client.hmget(key, names)

        pairs = [(seconds(ours), seconds(bare)) for _ in range(rounds)]
        ratio = median(one / other for one, other in pairs)
        each = median(one for one, _ in pairs) / len(customers) * 1e6
        print(f"HMGET of {len(FIELDS)} fields: {each:.0f} us, {ratio:.3f} of bare redis-py")
        for what, fields in ((f"{len(FIELDS)} fields", FIELDS), ("all fields", ())):
            many = partial(reader.get_many, customers, *fields)
            spent = median(seconds(many) for _ in range(rounds))
            print(f"{len(customers):,} profiles in one call, {what}: {spent * 1e3:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with EmbeddedRedis() as server:
        asyncio.run(fill(server.url))
        compare(server.url, rounds)


if __name__ == "__main__":
    main()
