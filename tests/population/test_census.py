"""One worker at a time counts the population; all read its newest edges."""

import asyncio

from profiles.keyspace import POPULATION_KEY, POPULATION_TURN_KEY, profile_key
from profiles.population.store import PopulationStore, read_population
from profiles.stores.client import Client, connect_sync
from profiles.traits import catalogue
from streams.worker.population import Census
from streams.worker.turns import Turns

CUSTOMERS = 130  # more than one chunk


async def fill(client: Client, customers: int = CUSTOMERS) -> None:
    for place in range(customers):
        fields = {"orders": str(1 + place % 10), "last_seen": "2011-12-09T12:00:00Z"}
        await client.hset(profile_key(f"客户{place}"), mapping=fields)
        await client.hset(f"state:{{{place}}}", "purchase/0", b"\xff")  # no profile


def census(client: Client, seconds: float = 30, limit: int = 1000) -> Census:
    turns = Turns(client, POPULATION_TURN_KEY, seconds)
    return Census(PopulationStore(client), catalogue(), turns, limit=limit)


def reading(url: str) -> int:
    """The version that a reader finds, 0 for none."""
    with connect_sync(url) as client:
        population = read_population(client)
    return population.version if population else 0


async def test_every_public_profile_is_counted(client: Client, url: str) -> None:
    await fill(client)
    await census(client).count()
    with connect_sync(url) as reader:
        population = read_population(reader)
    assert population is not None
    assert (population.version, population.sampled, population.customers) == (1, 130, 130)
    numbers = population.figures["orders"].numbers
    assert numbers is not None
    assert numbers.histogram.counts == [13] * 10


async def test_a_large_population_is_sampled(client: Client, url: str) -> None:
    await fill(client)
    await census(client, limit=100).count()
    with connect_sync(url) as reader:
        population = read_population(reader)
    assert population is not None
    assert 25 < population.sampled <= 100
    assert population.customers == 2 * population.sampled


async def test_one_of_many_workers_counts(client: Client, url: str) -> None:
    await fill(client, 3)
    workers = [census(client) for _ in range(4)]
    await asyncio.gather(*[worker.edges() for worker in workers])
    await asyncio.gather(*[worker.edges() for worker in workers])
    assert reading(url) == 1
    assert 0 < await client.pttl(POPULATION_TURN_KEY) <= 30_000
    await client.delete(POPULATION_TURN_KEY)  # as when it ends
    await asyncio.gather(*[worker.edges() for worker in workers])
    assert reading(url) == 2


async def test_nothing_is_counted_where_the_setting_is_zero(client: Client, url: str) -> None:
    await fill(client, 3)
    assert await census(client, seconds=0).edges() is None
    assert reading(url) == 0


async def test_an_empty_store_has_a_population_of_nobody(client: Client, url: str) -> None:
    assert await census(client).edges() is None
    assert reading(url) == 1


async def test_the_key_is_gone_with_a_store_that_was_emptied(client: Client) -> None:
    """What was computed from other customers is not kept."""
    await fill(client, 3)
    worker = census(client)
    await worker.edges()
    await client.flushall()
    await worker.edges()
    assert await client.hget(POPULATION_KEY, "version") == b"1"
