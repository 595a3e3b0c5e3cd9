"""Work that any worker may do: one does it, and not for ever if it dies."""

import asyncio

import pytest
from redis.asyncio import Redis

from profiles.stores.client import connect
from streams.worker import turns as turns_module
from streams.worker.turns import Turns

KEY = "work:turn"


@pytest.fixture
async def client(redis_url: str):
    async with connect(redis_url) as client:
        yield client


async def nothing() -> None: ...


async def test_of_many_one_works_and_then_all_rest(client: Redis) -> None:
    done = []

    async def work() -> None:
        done.append(None)

    await asyncio.gather(*[Turns(client, KEY, 30).work(work) for _ in range(4)])
    assert len(done) == 1
    assert 29_000 < await client.pttl(KEY) <= 30_000


async def test_a_turn_that_nobody_ends_ends_by_itself(client: Redis) -> None:
    async def dies() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await Turns(client, KEY, 30).work(dies)
    assert 30_000 < await client.pttl(KEY) <= 120_000


async def test_work_that_takes_longer_keeps_its_turn(client: Redis, monkeypatch) -> None:
    monkeypatch.setattr(turns_module, "LEASE_SECONDS", 1)

    async def takes_long() -> None:
        await asyncio.sleep(1.5)
        assert await client.exists(KEY)

    await Turns(client, KEY, 30).work(takes_long)


async def test_nobody_works_where_the_setting_is_zero(client: Redis) -> None:
    await Turns(client, KEY, 0).work(nothing)
    assert not await client.exists(KEY)
