"""However a log is cut into batches, and however often it is read: the same profiles."""

import asyncio
import itertools
import random
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from profiles.sections.purchase import PurchaseFacts
from profiles.sections.section import Section
from profiles.store import State, Store
from profiles.stores.client import connect, store_of
from profiles.stores.memory import MemoryStore
from streams.embedded.broker import PARTITIONS
from streams.sources import load_mapping, open_source, source_name
from tests.conftest import DATA
from tests.worker.stubs import World, batches

ROWS = {"memory": 15_000, "redis": 5_000, "cluster": 2_000}  # of Online Retail
KNOWN_IDS = PurchaseFacts.IDS[0]  # whatever their age
SIZES = (1, 7, 5_000)
TOPIC = "events.purchase"
HOUR_MS = 3_600_000

Logs = dict[int, list[bytes]]
"""Values of events by partition, in order."""

Stored = dict[str, tuple[State, dict[str, str]]]
"""State and public profile by customer."""


class Shelf(NamedTuple):
    """An empty store, how to make it forget its marks, and how many rows it is given."""

    store: Store
    forget_marks: Callable[[], Awaitable[None]]
    rows: int


@pytest.fixture(params=ROWS)
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """Each store there is."""
    if request.param == "memory":
        memory = MemoryStore()

        async def forget() -> None:
            memory.marks.clear()

        yield Shelf(memory, forget, ROWS["memory"])
        return
    async with connect(request.getfixturevalue(f"{request.param}_url")) as client:

        async def forget_keys() -> None:
            for key in [key async for key in client.scan_iter(match="mark:*")]:
                await client.delete(key)

        yield Shelf(store_of(client), forget_keys, ROWS[request.param])


@pytest.fixture
def logs(shelf: Shelf) -> Logs:
    return logs_of(shelf.rows)


@cache
def logs_of(rows: int) -> Logs:
    """Real order lines where the data is at hand, else made-up ones."""
    path = DATA / "online_retail.parquet"
    events = real_events(path) if path.is_file() else synthetic_events()
    found: Logs = {number: [] for number in range(PARTITIONS)}
    for customer, payload in itertools.islice(events, rows):
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


async def stored(store: Store) -> Stored:
    """Every state and profile, byte for byte."""
    found = {name: state async for name, state in store.scan()}
    profiles = await store.load_profiles(list(found))
    return {name: (found[name], profile) for name, profile in zip(found, profiles, strict=True)}


async def written_in(store: Store, logs: Logs, size: int) -> Stored:
    await World(store).take(cut(logs, size))
    return await stored(store)


@pytest.fixture
def in_large_batches(shelf: Shelf) -> Stored:
    return stored_in_memory(shelf.rows)


@cache
def stored_in_memory(rows: int) -> Stored:
    """What the largest batches make of the logs in the memory store."""
    return asyncio.run(written_in(MemoryStore(), logs_of(rows), SIZES[-1]))


@pytest.mark.parametrize("size", SIZES)
async def test_batches_of_any_size_store_the_same_bytes_everywhere(
    shelf: Shelf, logs: Logs, in_large_batches: Stored, size: int
) -> None:
    assert in_large_batches
    assert await written_in(shelf.store, logs, size) == in_large_batches


async def test_the_same_coordinates_again_change_not_one_section(shelf: Shelf, logs: Logs) -> None:
    before = await written_in(shelf.store, logs, SIZES[-1])
    await shelf.forget_marks()
    again = World(shelf.store)
    await again.take(cut(logs, SIZES[-1]))
    assert again.pipeline.counts.records == sum(map(len, logs.values()))
    assert again.pipeline.counts.counted == again.pipeline.counts.duplicates == 0
    assert await stored(shelf.store) == before


async def test_a_log_already_behind_the_mark_is_not_read_again(shelf: Shelf, logs: Logs) -> None:
    before = await written_in(shelf.store, logs, SIZES[-1])
    again = World(shelf.store)
    await again.take(cut(logs, SIZES[-1]))
    assert {position for _, position in again.log.seeks} == {len(log) for log in logs.values()}
    assert again.pipeline.counts.batches == 0
    assert await stored(shelf.store) == before


async def test_the_same_events_under_new_coordinates_are_duplicates(
    shelf: Shelf, logs: Logs, in_large_batches: Stored
) -> None:
    """As promised: for customers whose ids are all known, however long ago they came."""
    await World(shelf.store).take(cut(logs, SIZES[-1], lives=2))
    twice = await stored(shelf.store)
    events = events_by_customer(logs)
    few = [name for name in in_large_batches if 0 < events[name] <= KNOWN_IDS]
    assert len(few) > len(in_large_batches) * 0.9
    assert {name: facts(*twice[name]) for name in few} == {
        name: facts(*in_large_batches[name]) for name in few
    }


def events_by_customer(logs: Logs) -> Counter[str]:
    values = itertools.chain.from_iterable(logs.values())
    return Counter(str(orjson.loads(value).get("customer_id")) for value in values)


def facts(state: State, profile: dict[str, str]) -> tuple[list[object], dict[str, str]]:
    """The profile, and of the state the facts alone: watermark and duplicates moved on."""
    sections = [Section.decode("purchase", section) for section in state.sections.values()]
    return [section.facts.pack() for section in sections], profile
