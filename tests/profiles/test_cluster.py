"""What a Redis Cluster may do to its masters while a worker writes: each event counts once."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from profiles.errors import StoreMovedError
from profiles.keyspace import profile_key, state_key
from profiles.store import Footing, Mark, Store
from profiles.stores.client import connect, store_of
from profiles.stores.memory import MemoryStore
from profiles.stores.slots import tags
from streams.stack import RedisCluster

from .owners import EPOCH, PURCHASES, Owner, random_log
from .strategies import Event

LOG = random_log("purchase", 400, seed=9, customers=60)
SIZE = 20
SHARE = REDIS_CLUSTER_HASH_SLOTS // 3
AWAY_SECONDS = 0.05
PATIENCE_SECONDS = 60.0


@pytest.fixture
def replicated(redis_server: object, tmp_path: Path) -> Iterator[RedisCluster]:
    """A cluster of its own, with replicas, for it comes out of the test with a server less."""
    with RedisCluster(tmp_path, appendonly="no") as cluster:
        yield cluster


@asynccontextmanager
async def store_at(url: str) -> AsyncIterator[Store]:
    async with connect(url) as client:
        yield store_of(client)


async def follow(
    owner: Owner, log: Sequence[Event], reached: asyncio.Event | None = None
) -> list[int]:
    """Read the log to its end as a worker does: try again, or resume; return where it resumed."""
    resumed = []
    standing = owner.position > 0
    while not standing or owner.position < len(log):
        try:
            if not standing:
                await owner.resume()
                resumed.append(owner.position)
                standing = True
            await owner.take(log, min(owner.position + SIZE, len(log)))
        except StoreMovedError:
            standing = False
        except RedisError:
            await asyncio.sleep(AWAY_SECONDS)
        if reached is not None and owner.position >= len(log) // 3:
            reached.set()
    return resumed


async def expected(log: Sequence[Event]) -> MemoryStore:
    store = MemoryStore()
    await Owner(store, PURCHASES).follow(log, SIZE)
    return store


async def check(store: Store, log: Sequence[Event]) -> None:
    truth = await expected(log)
    found = {customer: state async for customer, state in store.scan()}
    assert {customer: state.sections for customer, state in found.items()} == truth.sections
    assert not any(state.stale for state in found.values())
    customers = list(found)
    profiles = await store.load_profiles(customers)
    assert dict(zip(customers, profiles, strict=True)) == truth.profiles


async def test_a_master_killed_with_writes_in_flight_is_replaced_and_everything_counts_once(
    replicated: RedisCluster,
) -> None:
    async with store_at(replicated.url) as store, asyncio.timeout(PATIENCE_SECONDS):
        owner, reached = Owner(store, PURCHASES), asyncio.Event()
        working = asyncio.create_task(follow(owner, LOG, reached))
        await reached.wait()
        before = names(await store.footing(PURCHASES))
        replicated.masters[1].kill()
        await working
        after = await store.footing(PURCHASES)
        assert before - names(after) == {replicated.masters[1].address}
        assert after.mark == Mark(EPOCH, len(LOG))
        await check(store, LOG)


async def test_a_master_that_lost_what_it_had_acknowledged_is_read_again(
    replicated: RedisCluster,
) -> None:
    """Replication is asynchronous: here the replica never hears of the second third."""
    async with store_at(replicated.url) as store, asyncio.timeout(PATIENCE_SECONDS):
        owner, third = Owner(store, PURCHASES), len(LOG) // 3
        await follow(owner, LOG[:third])
        master = replicated.masters[0]
        master.ask("WAIT", 1, 5000)
        master.ask("ACL SETUSER", "default", "-psync", "-sync", "-replconf")
        master.ask("CLIENT KILL", "TYPE", "replica")
        await follow(owner, LOG[: 2 * third])
        master.kill()
        resumed = await follow(owner, LOG)
        assert resumed == [third]
        await check(store, LOG)


async def test_slots_that_move_take_their_customers_along(redis_cluster: RedisCluster) -> None:
    """Under a worker that knows nothing of it, and with marks among what moves."""
    redis_cluster.flush()
    source, target, _ = redis_cluster.masters
    async with store_at(redis_cluster.url) as store, asyncio.timeout(PATIENCE_SECONDS):
        owner = Owner(store, PURCHASES)
        await follow(owner, LOG[: len(LOG) // 2])
        moved = [slot for slot in map(slot_of, LOG) if slot < SHARE] + [tags()[0][1]]
        for slot in dict.fromkeys(moved):
            redis_cluster.move_slot(slot, source, target)
        try:
            await follow(owner, LOG)
            await check(store, LOG)
        finally:
            for slot in dict.fromkeys(moved):
                redis_cluster.move_slot(slot, target, source)


async def test_a_customer_who_is_half_gone_is_left_alone(redis_cluster: RedisCluster) -> None:
    """While a slot migrates, the profile may be on its new master already and the sections not."""
    redis_cluster.flush()
    source, target, _ = redis_cluster.masters
    slot = next(slot for slot in map(slot_of, LOG) if slot < SHARE)
    (*_, last) = (place for place, event in enumerate(LOG) if slot_of(event) == slot)
    customer = LOG[last]["customer_id"]
    async with store_at(redis_cluster.url) as store:
        owner = Owner(store, PURCHASES)
        await follow(owner, LOG[:last])
        before = await store.load([customer])
        source.ask("CLUSTER SETSLOT", slot, "MIGRATING", target.ask("CLUSTER MYID"))
        target.ask("CLUSTER SETSLOT", slot, "IMPORTING", source.ask("CLUSTER MYID"))
        source.ask("MIGRATE", "127.0.0.1", target.port, profile_key(customer), 0, 5000)
        try:
            with pytest.raises(RedisError):
                await owner.take(LOG, len(LOG))
            assert await store.load([customer]) == before
        finally:
            redis_cluster.move_slot(slot, source, target)
            redis_cluster.move_slot(slot, target, source)
        await follow(owner, LOG)
        await check(store, LOG)


async def test_scripts_that_a_master_forgot_are_sent_again(redis_cluster: RedisCluster) -> None:
    redis_cluster.flush()
    async with store_at(redis_cluster.url) as store:
        owner = Owner(store, PURCHASES)
        await owner.follow(LOG[:SIZE], SIZE)
        for node in redis_cluster.masters:
            node.ask("SCRIPT FLUSH")
        await owner.follow(LOG, SIZE)
        await check(store, LOG)


async def test_a_master_alone_may_be_behind_and_is_where_to_resume(
    redis_cluster: RedisCluster,
) -> None:
    """The others keep their marks: none goes back while the one catches up."""
    redis_cluster.flush()
    async with store_at(redis_cluster.url) as store:
        footing = await store.footing(PURCHASES)
        footing = await store.advance(PURCHASES, footing, Mark(EPOCH, 20))
        redis_cluster.masters[1].ask("FLUSHALL")
        emptied = await store.footing(PURCHASES)
        assert emptied.mark is None
        footing = await store.advance(PURCHASES, emptied, Mark(EPOCH, 5), lost=5)
        lowest = [master.lowest(EPOCH) for master in footing.masters]
        assert sorted(mark.position for mark in lowest if mark) == [5, 20, 20]
        assert footing.mark == footing.resume_mark(EPOCH) == Mark(EPOCH, 5)
        gaps = [node.ask("KEYS", "gap:*") for node in redis_cluster.masters]
        assert [len(keys) for keys in gaps] == [0, 1, 0]
        assert redis_cluster.masters[1].ask("GET", gaps[1][0]) == "5"


def slot_of(event: Event) -> int:
    return key_slot(state_key(event["customer_id"]).encode())


def names(footing: Footing) -> set[str]:
    return {master.name for master in footing.masters}
