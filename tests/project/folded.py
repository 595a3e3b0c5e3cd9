"""Run as a program: a shop's events through the core, and a digest of all that came of it."""

import asyncio
import hashlib
from types import SimpleNamespace

import profiles.update
from profiles.examples import examples_of
from profiles.keyspace import Partition
from profiles.stores.memory import MemoryStore
from schemas.decode import decode
from schemas.examples import encode
from schemas.topics import KINDS
from streams.shop import Shop
from tests.profiles.owners import EPOCH, Owner
from tests.profiles.strategies import DAY_MS

START_MS, DAYS, CUSTOMERS, BATCH = 1_700_000_000_000, 45, 60, 300


async def digest() -> str:
    """Digest of rejections, sections, public fields and examples, in the order of the log."""
    store, found = MemoryStore(), hashlib.sha256()
    sent = list(
        Shop(seed=5, customers=CUSTOMERS, start_ms=START_MS).events(START_MS + DAYS * DAY_MS)
    )
    for kind in KINDS:
        values = [each.payload for each in sent if each.kind == kind]
        decoded = decode(kind, [SimpleNamespace(value=v, timestamp=0) for v in values], 0)
        owner = Owner(store, Partition(kind, 0))
        await owner.follow([event for _, event in decoded.accepted], BATCH)
        found.update(repr([each.message for each in decoded.rejected]).encode())
        for moment in owner.moments:
            for example in examples_of(moment, owner.partition, EPOCH):
                found.update(encode(example))
    async for customer, state in store.scan():
        found.update(repr((customer, state, await store.profile(customer))).encode())
    return found.hexdigest()


if __name__ == "__main__":
    print(profiles.update.__file__, asyncio.run(digest()))
