"""Lua and Python answer every sequence of calls alike, and leave the same bytes behind."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.errors import StoreMovedError
from profiles.keyspace import Partition
from profiles.sections.section import Header
from profiles.store import Footing, Mark, Store, Write
from profiles.stores.client import connect, store_of
from profiles.stores.memory import MemoryStore

CUSTOMERS = ["a", "b"]
PARTITIONS = [Partition("purchase", 0), Partition("browse", 1)]

headers = st.builds(
    lambda *parts: Header(*parts).pack(),
    st.sampled_from([1] * 5 + [2]),
    st.sampled_from([1] * 6 + [2**64 - 1]),
    st.integers(0, 3),
)
bodies = st.binary(max_size=3)
texts = st.sampled_from(["", "1", "茶"])
names = st.sampled_from(["orders", "views", "x"])
fields = st.dictionaries(names, texts, max_size=3)
siblings = st.dictionaries(st.sampled_from(["purchase/0", "browse/1"]), headers, max_size=2)


@st.composite
def writes(draw: Any) -> tuple[Partition, Write]:
    """Draw a write as an updater could make it, from a base that may or may not be stored."""
    partition = draw(st.sampled_from(PARTITIONS))
    customer = draw(st.sampled_from(CUSTOMERS))
    others = draw(siblings)
    if draw(st.integers(0, 3)) == 0:
        return partition, Write(customer, "", b"", b"", others, draw(fields), [], True)
    others.pop(str(partition), None)
    base = draw(st.just(b"") | headers)
    section = draw(headers) + draw(bodies)
    removed = draw(st.lists(names, max_size=2))
    shown = draw(fields)
    return partition, Write(
        customer, str(partition), base, section, others, shown, removed, draw(st.booleans())
    )


AWARE = st.sampled_from([(), ("base",), ("siblings",), ("base", "siblings")])
"""What the caller knows of the store; if it knew nothing, most writes would conflict."""

marks = st.builds(Mark, st.integers(1, 2), st.integers(0, 3))
advances = st.tuples(st.sampled_from(PARTITIONS), marks, AWARE)
chunks = st.tuples(writes(), AWARE, st.none() | marks)  # the last of a batch moves the mark
calls = st.lists(st.one_of(*[chunks] * 4, advances), max_size=25)


async def informed(store: Store, write: Write, aware: tuple[str, ...]) -> Write:
    """Return the write with base or siblings or both as the store holds them."""
    state = (await store.load([write.customer]))[0]
    stored = {name: section[:18] for name, section in state.sections.items()}
    known: dict[str, Any] = {"base": stored.pop(write.field, b""), "siblings": stored}
    return write._replace(**{name: known[name] for name in aware})


def ahead(mark: Mark, footing: Footing) -> Mark:
    """Return the mark, or where it is already: nobody moves one back."""
    here = footing.mark
    return max(mark, here) if here and here.epoch == mark.epoch else mark


async def answer(store: Store, call: Any, seen: dict[Partition, Footing]) -> object:
    """Play one call; the incarnation is the server's own, so it is left out of the answer."""
    partition = call[0] if isinstance(call[0], Partition) else call[0][0]
    try:
        if isinstance(call[0], Partition):
            _, mark, aware = call
            footing = await store.footing(partition) if aware else seen[partition]
            return (await store.advance(partition, footing, ahead(mark, footing))).mark
        (_, write), aware, mark = call
        write, footing = await informed(store, write, aware), seen[partition]
        if mark is None:
            return await store.write(partition, footing, [write])
        outcomes, after = await store.finish(partition, footing, [write], ahead(mark, footing))
        seen[partition] = after
        return outcomes, after.mark
    except StoreMovedError as error:
        seen[partition] = await store.footing(partition)
        return error.evidence["current"].mark  # type: ignore[attr-defined]  # evidence is object


async def everything(store: Store) -> object:
    states = await store.load(CUSTOMERS)
    marks = [(await store.footing(partition)).mark for partition in PARTITIONS]
    return states, [await store.profile(customer) for customer in CUSTOMERS], marks


async def compare(url: str, sequence: list[Any]) -> None:
    async with connect(url) as client:
        await client.flushall()
        stores: list[Store] = [MemoryStore(), store_of(client)]
        seen = [{p: await store.footing(p) for p in PARTITIONS} for store in stores]
        for call in sequence:
            memory, real = [
                await answer(store, call, footings)
                for store, footings in zip(stores, seen, strict=True)
            ]
            assert memory == real, call
            assert await everything(stores[0]) == await everything(stores[1]), call


@pytest.mark.parametrize("server", ["redis_url", "cluster_url"])
def test_memory_and_redis_agree_on_every_sequence_of_calls(
    request: pytest.FixtureRequest, server: str
) -> None:
    url = request.getfixturevalue(server)

    @given(calls)
    @settings(max_examples=150 if server == "redis_url" else 60)
    def agree(sequence: list[Any]) -> None:
        asyncio.run(compare(url, sequence))

    agree()
