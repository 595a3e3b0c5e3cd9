"""What a store holds in the end: the truth, counted from the sections."""

from pathlib import Path
from typing import Any, NamedTuple

import orjson
from redis.asyncio import RedisCluster

from profiles.keyspace import model_key
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import Section
from profiles.stores.client import Client, connect, store_of


class Accounts(NamedTuple):
    """Totals over all customers."""

    customers: int
    accepted: int
    duplicates: int
    redis_bytes: int


async def count(redis_url: str, folding: Folding = DEFAULT_FOLDING) -> Accounts:
    """Add up every customer's sections."""
    client = connect(redis_url)
    customers = accepted = duplicates = 0
    try:
        async for _, state in store_of(client).scan():
            customers += 1
            for field, encoded in state.sections.items():
                section = Section.decode(field.partition("/")[0], encoded, folding)
                accepted += section.facts.events
                duplicates += section.duplicates
        used = await _used_bytes(client)
    finally:
        await client.aclose()
    return Accounts(customers, accepted, duplicates, used)


async def export(redis_url: str, path: Path) -> int:
    """Write every public profile as a JSON object a line, ordered by customer; return how many."""
    client = connect(redis_url)
    try:
        store = store_of(client)
        customers = sorted([customer async for customer, _ in store.scan()])
        with path.open("wb") as out:
            for customer in customers:
                profile = {"customer_id": customer} | await store.profile(customer)
                out.write(orjson.dumps(profile) + b"\n")
    finally:
        await client.aclose()
    return len(customers)


async def model_cards(redis_url: str) -> dict[str, dict[str, object]]:
    """Return the card of every model, by task."""
    client = connect(redis_url)
    try:
        keys = sorted([key async for key in client.scan_iter(match=model_key("*"))])
        found = [await client.hget(key, "card") for key in keys]
    finally:
        await client.aclose()
    cards = [orjson.loads(card) for card in found if card is not None]  # None: gone meanwhile
    return {card["task"]: card for card in cards}


async def _used_bytes(client: Client) -> int:
    """Return the memory of the server, or of all masters."""
    if isinstance(client, RedisCluster):
        found: Any = await client.info("memory", target_nodes=RedisCluster.PRIMARIES)
        return sum(int(memory["used_memory"]) for memory in found.values())
    return int((await client.info("memory"))["used_memory"])
