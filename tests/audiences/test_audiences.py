"""Audiences hold exactly the customers whose profiles say so, also while they are replaced."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from profiles.audiences import store as store_module
from profiles.audiences.history import Day
from profiles.audiences.store import AudienceStore, BuildLostError, Placed, read_days
from profiles.keyspace import SEGMENTS_KEY, audience_key, profile_key
from profiles.stores.client import Client, connect_sync
from streams.worker.audiences import sort_customers

CUSTOMERS = 250  # more than one chunk
NAMES = ("loyal", "champions")


async def place(client: Client, segments: dict[str, str], date: str = "2011-12-09") -> None:
    for customer, segment in segments.items():
        fields = {"segment": segment, "as_of": f"{date}T12:00:00Z", "orders": "1"}
        await client.hset(profile_key(customer), mapping=fields)


async def members(client: Client, segment: str) -> set[str]:
    return {each.decode() for each in await client.smembers(audience_key(segment))}


def everybody() -> dict[str, str]:
    return {f"客户{number}": NAMES[number % 2] for number in range(CUSTOMERS)}


async def test_every_customer_with_a_segment_is_in_its_audience_alone(client: Client) -> None:
    segments = everybody()
    await place(client, segments)
    await client.hset(profile_key("no segment"), "orders", "1")
    await sort_customers(AudienceStore(client))
    for name in NAMES:
        assert await members(client, name) == {who for who, one in segments.items() if one == name}
        assert await client.ttl(audience_key(name)) == -1


async def test_who_moves_or_goes_is_no_longer_in_the_audience(client: Client, url: str) -> None:
    await place(client, {"a": "loyal", "b": "loyal", "c": "loyal"}, "2011-12-08")
    await sort_customers(AudienceStore(client))
    await place(client, {"a": "champions", "b": "loyal"})
    await client.delete(profile_key("c"))
    await sort_customers(AudienceStore(client))
    assert (await members(client, "loyal"), await members(client, "champions")) == ({"b"}, {"a"})
    with connect_sync(url) as reader:
        assert read_days(reader) == [
            Day("2011-12-08", {"loyal": 3}, {}),
            Day("2011-12-09", {"champions": 1, "loyal": 1}, {"loyal": {"champions": 1}}),
        ]


async def test_an_audience_that_nobody_is_in_any_more_is_gone(client: Client) -> None:
    await place(client, {"a": "loyal"})
    await sort_customers(AudienceStore(client))
    await place(client, {"a": "champions"})
    await sort_customers(AudienceStore(client))
    assert not await client.exists(audience_key("loyal"))


async def test_two_who_sort_at_once_leave_whole_audiences(client: Client) -> None:
    """A worker that was frozen over its turn may go on beside another."""
    segments = everybody()
    await place(client, segments)
    await asyncio.gather(*[sort_customers(AudienceStore(client)) for _ in range(3)])
    sizes = [len(await members(client, name)) for name in NAMES]
    assert sizes == [CUSTOMERS // 2, CUSTOMERS // 2]


class Leisurely(AudienceStore):
    """Its walk hands over customer by customer, in order of their names, with a pause after each.

    A whole walk takes two seconds for four customers.
    """

    async def walk(self) -> AsyncIterator[list[Placed]]:
        placed = [each async for chunk in super().walk() for each in chunk]
        for each in sorted(placed):
            yield [each]
            await asyncio.sleep(0.5)


async def test_a_walk_longer_than_a_build_is_kept_for_loses_nobody(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUILD_SECONDS", 1)
    await place(client, {"a": "champions", "b": "loyal", "c": "loyal", "d": "loyal"})
    await sort_customers(Leisurely(client))
    assert await members(client, "champions") == {"a"}
    assert await members(client, "loyal") == {"b", "c", "d"}


async def test_a_build_that_lost_what_it_collected_replaces_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was frozen for longer than its build is kept begins anew."""
    await place(client, {"a": "loyal", "b": "loyal"})
    await sort_customers(AudienceStore(client))
    monkeypatch.setattr(store_module, "BUILD_SECONDS", 0)
    with pytest.raises(BuildLostError):
        await sort_customers(Leisurely(client))
    assert await members(client, "loyal") == {"a", "b"}


async def test_without_customers_nothing_is_noted(client: Client) -> None:
    await sort_customers(AudienceStore(client))
    assert not await client.exists(SEGMENTS_KEY)
