"""What docs/protocol.md asks of a store: one suite, every implementation."""

from pathlib import Path
from typing import Any

import pytest
import redis
from redis.asyncio import Redis

from profiles.errors import StoreMovedError
from profiles.keyspace import Partition, profile_key, state_key
from profiles.sections.section import Header
from profiles.store import CHUNK, Footing, Mark, Outcome, State, Store, Write
from profiles.stores.redis import RedisStore
from streams.embedded import EmbeddedRedis

PURCHASE, BROWSE = Partition("purchase", 3), Partition("browse", 0)
EPOCH, EARLIER, OTHER = 7, 6, 5


def header(watermark: int, epoch: int = EPOCH, version: int = 1) -> bytes:
    return Header(version, epoch, watermark).pack()


def section(watermark: int, epoch: int = EPOCH, version: int = 1) -> bytes:
    return header(watermark, epoch, version) + b"\x00facts\xff"


def write(
    base: bytes,
    new: bytes,
    siblings: dict[str, bytes] | None = None,
    fields: dict[str, str] | None = None,
    removed: tuple[str, ...] = (),
    *,
    partition: Partition = PURCHASE,
    replace: bool = True,
    customer: str = "c",
) -> Write:
    shown = {"orders": "1"} if fields is None else fields
    return Write(customer, str(partition), base, new, siblings or {}, shown, list(removed), replace)


def refresh(siblings: dict[str, bytes], fields: dict[str, str], customer: str = "c") -> Write:
    return Write(customer, "", b"", b"", siblings, fields, [], True)


async def outcome(store: Store, one: Write, partition: Partition = PURCHASE) -> Outcome:
    return (await store.write(partition, await store.footing(partition), [one]))[0]


async def state(store: Store, customer: str = "c") -> State:
    return (await store.load([customer]))[0]


async def test_an_empty_store_has_nothing_of_anybody(store: Store) -> None:
    assert await store.load(["a", "b"]) == [State({}), State({})]
    assert await store.profile("a") == {}
    assert (await store.footing(PURCHASE)).mark is None
    assert [pair async for pair in store.scan()] == []


async def test_a_write_on_its_base_is_stored_with_its_public_fields(store: Store) -> None:
    assert await outcome(store, write(b"", section(4))) is Outcome.STORED
    assert await state(store) == State({"purchase/3": section(4)})
    assert await store.profile("c") == {"orders": "1"}


async def test_changes_are_applied_to_what_is_there(store: Store) -> None:
    await outcome(store, write(b"", section(4), fields={"a": "1", "b": "2", "c": "茶"}))
    change = write(header(4), section(5), fields={"b": "3"}, removed=("a",), replace=False)
    assert await outcome(store, change) is Outcome.STORED
    assert await store.profile("c") == {"b": "3", "c": "茶"}


async def test_a_replacing_write_deletes_fields_that_are_no_longer_derived(store: Store) -> None:
    await outcome(store, write(b"", section(4), fields={"a": "1", "b": "2"}))
    await outcome(store, write(header(4), section(5), fields={"b": "3"}))
    assert await store.profile("c") == {"b": "3"}


async def test_a_sibling_that_moved_leaves_the_section_stored_and_the_fields_stale(
    store: Store,
) -> None:
    await outcome(store, write(b"", section(4)))
    unaware = write(b"", section(9), fields={"views": "1"}, partition=BROWSE)
    assert await outcome(store, unaware, BROWSE) is Outcome.SECTION_ONLY
    assert await state(store) == State({"purchase/3": section(4), "browse/0": section(9)}, True)
    assert await store.profile("c") == {"orders": "1"}


@pytest.mark.parametrize(
    "derived_from",
    [{}, {"browse/0": header(8)}, {"browse/0": header(9), "feedback/1": header(1)}],
    ids=["one more", "another header", "one fewer"],
)
async def test_any_difference_of_the_siblings_is_seen(
    store: Store, derived_from: dict[str, bytes]
) -> None:
    await outcome(store, write(b"", section(9), partition=BROWSE), BROWSE)
    late = write(b"", section(4), siblings=derived_from)
    assert await outcome(store, late) is Outcome.SECTION_ONLY


async def test_a_refresh_writes_the_whole_profile_and_ends_being_stale(store: Store) -> None:
    await outcome(store, write(b"", section(4), fields={"old": "1"}))
    await outcome(store, write(b"", section(9), partition=BROWSE), BROWSE)
    headers = {"purchase/3": header(4), "browse/0": header(9)}
    assert await outcome(store, refresh(headers, {"new": "2"})) is Outcome.STORED
    assert not (await state(store)).stale
    assert await store.profile("c") == {"new": "2"}
    assert await outcome(store, refresh(headers, {"new": "2"})) is Outcome.STORED  # reply lost


async def test_a_refresh_from_other_sections_changes_nothing(store: Store) -> None:
    await outcome(store, write(b"", section(4)))
    await outcome(store, write(b"", section(9), partition=BROWSE), BROWSE)
    before = await state(store), await store.profile("c")
    for headers in ({"purchase/3": header(4)}, {"purchase/3": header(3), "browse/0": header(9)}):
        assert await outcome(store, refresh(headers, {"new": "2"})) is Outcome.CONFLICT
    assert (await state(store), await store.profile("c")) == before


async def test_a_write_over_a_stale_state_that_knows_all_sections_ends_it(store: Store) -> None:
    await outcome(store, write(b"", section(4)))
    await outcome(store, write(b"", section(9), partition=BROWSE), BROWSE)
    knowing = write(header(4), section(5), {"browse/0": header(9)}, {"orders": "2"})
    assert await outcome(store, knowing) is Outcome.STORED
    assert not (await state(store)).stale


async def test_a_later_write_that_misses_a_sibling_stays_stale(store: Store) -> None:
    await outcome(store, write(b"", section(4)))
    await outcome(store, write(b"", section(9), partition=BROWSE), BROWSE)
    unaware = write(header(4), section(5), fields={"orders": "2"}, replace=False)
    assert await outcome(store, unaware) is Outcome.SECTION_ONLY
    assert (await state(store)).stale


UNSTORED = [
    ("contained: exactly as far", header(2), section(4), Outcome.CONTAINED),
    ("contained: further", header(2), section(3), Outcome.CONTAINED),
    ("contained: a lost reply, tried again", b"", section(4), Outcome.CONTAINED),
    ("conflict: not as far, another base", header(3), section(9), Outcome.CONFLICT),
    ("conflict: not as far, no base", b"", section(9), Outcome.CONFLICT),
    ("conflict: base of the stored epoch", header(3), section(0, OTHER), Outcome.CONFLICT),
    ("refused: neither its nor its base's epoch", header(4, OTHER), section(9, EARLIER), "refused"),
    ("refused: another epoch, no base", b"", section(9, EARLIER), "refused"),
    ("refused: fold version", header(4, version=2), section(9, version=2), "refused"),
    ("refused: fold version, base as stored", header(4), section(9, version=2), "refused"),
    ("refused: fold version, though contained", b"", section(1, version=2), "refused"),
]


@pytest.mark.parametrize(
    ("base", "new", "expected"),
    [row[1:] for row in UNSTORED],
    ids=[row[0] for row in UNSTORED],
)
async def test_what_cannot_be_stored_writes_nothing(
    store: Store, base: bytes, new: bytes, expected: Outcome | str
) -> None:
    await outcome(store, write(b"", section(4)))
    answer = await outcome(store, write(base, new, fields={"orders": "9"}))
    assert answer is (Outcome.REFUSED if expected == "refused" else expected)
    assert await state(store) == State({"purchase/3": section(4)})
    assert await store.profile("c") == {"orders": "1"}


async def test_a_base_that_is_gone_is_a_conflict(store: Store) -> None:
    assert await outcome(store, write(header(3), section(4))) is Outcome.CONFLICT
    assert await state(store) == State({})


async def test_the_next_life_of_a_topic_goes_on_from_the_old_section(store: Store) -> None:
    await outcome(store, write(b"", section(4, EARLIER)))
    recreated = write(header(4, EARLIER), section(0, EPOCH))
    assert await outcome(store, recreated) is Outcome.STORED


async def test_every_customer_of_a_chunk_has_its_own_answer(store: Store) -> None:
    footing = await store.footing(PURCHASE)
    chunk = [write(b"", section(4), customer=str(i)) for i in range(CHUNK)]
    assert await store.write(PURCHASE, footing, chunk) == [Outcome.STORED] * CHUNK
    again = [chunk[7], write(header(4), section(5), customer="8"), chunk[9]]
    answers = [Outcome.CONTAINED, Outcome.STORED, Outcome.CONTAINED]
    assert await store.write(PURCHASE, footing, again) == answers
    assert {customer async for customer, _ in store.scan()} == {str(i) for i in range(CHUNK)}


async def test_states_come_in_the_order_asked_for_however_many(store: Store) -> None:
    footing = await store.footing(PURCHASE)
    await store.write(PURCHASE, footing, [write(b"", section(4), customer="42")])
    states = await store.load([str(i) for i in range(2 * CHUNK + 1)])
    assert [place for place, one in enumerate(states) if one.sections] == [42]


# mark and incarnation


async def test_the_mark_moves_from_where_it_was_seen(store: Store) -> None:
    footing = await store.advance(PURCHASE, await store.footing(PURCHASE), Mark(EPOCH, 10))
    assert footing == await store.footing(PURCHASE)
    assert footing.mark == Mark(EPOCH, 10)
    assert (await store.footing(BROWSE)).mark is None


async def test_an_advance_whose_reply_was_lost_may_be_asked_again(store: Store) -> None:
    first = await store.footing(PURCHASE)
    moved = await store.advance(PURCHASE, first, Mark(EPOCH, 10), lost=3)
    assert await store.advance(PURCHASE, first, Mark(EPOCH, 10), lost=3) == moved


async def test_the_last_chunk_of_a_batch_takes_the_mark_along(store: Store) -> None:
    """Rule 5: only where all of it is stored, or a customer would be left behind the mark."""
    footing = await store.footing(PURCHASE)
    one, other = (write(b"", section(4), customer=customer) for customer in "ab")
    outcomes, footing = await store.finish(PURCHASE, footing, [one], Mark(EPOCH, 5))
    assert (outcomes, footing) == ([Outcome.STORED], await store.footing(PURCHASE))
    assert footing.mark == Mark(EPOCH, 5)
    outcomes, after = await store.finish(PURCHASE, footing, [one, other], Mark(EPOCH, 6))
    assert outcomes == [Outcome.CONTAINED, Outcome.STORED]
    assert after == footing == await store.footing(PURCHASE)


async def test_a_mark_that_somebody_else_moved_is_left_alone(store: Store) -> None:
    first = await store.footing(PURCHASE)
    await store.advance(PURCHASE, first, Mark(EPOCH, 10))
    with pytest.raises(StoreMovedError) as caught:
        await store.advance(PURCHASE, first, Mark(EPOCH, 7))
    assert caught.value.evidence["expected"] == first
    assert (await store.footing(PURCHASE)).mark == Mark(EPOCH, 10)


ELSEWHERE: dict[str, dict[str, Any]] = {
    "mark": {"mark": Mark(EPOCH, 9)},
    "epoch": {"mark": Mark(OTHER, 10)},
    "no mark": {"mark": None},
    "incarnation": {"incarnation": "another"},
}


def elsewhere(footing: Footing, mark: Mark | None, incarnation: str) -> Footing:
    """Expect something else of the store, of each of its masters if there are several."""
    text = mark.encode() if mark else b""
    masters = [
        master._replace(
            marks=b",".join(text for _ in master.marks.split(b",")),
            incarnation=incarnation if incarnation == "another" else master.incarnation,
        )
        for master in footing.masters
    ]
    return Footing(mark, incarnation, tuple(masters))


@pytest.mark.parametrize("what", ELSEWHERE)
async def test_a_store_that_is_elsewhere_takes_nothing_of_a_chunk(store: Store, what: str) -> None:
    footing = await store.advance(PURCHASE, await store.footing(PURCHASE), Mark(EPOCH, 10))
    as_seen = {"mark": footing.mark, "incarnation": footing.incarnation}
    expected = elsewhere(footing, **as_seen | ELSEWHERE[what])
    chunk = [write(b"", section(4), customer=customer) for customer in "ab"]
    with pytest.raises(StoreMovedError) as caught:
        await store.write(PURCHASE, expected, chunk)
    assert caught.value.evidence == {"expected": expected, "current": footing}
    with pytest.raises(StoreMovedError):
        await store.finish(PURCHASE, expected, chunk, Mark(EPOCH, 20))
    with pytest.raises(StoreMovedError):
        await store.advance(PURCHASE, expected, Mark(EPOCH, 20))
    assert await store.load(["a", "b"]) == [State({}), State({})]
    assert await store.footing(PURCHASE) == footing


# Redis alone


async def test_a_restarted_server_is_another_incarnation(tmp_path: Path) -> None:
    """Rule 7: a server that comes back has lost what was not yet on its disk."""
    seen = []
    for _ in range(2):
        with EmbeddedRedis(tmp_path) as server:
            async with Redis.from_url(server.url) as client:
                store = RedisStore(client)
                await outcome(store, write(b"", section(4)))
                seen.append(await store.footing(PURCHASE))
    assert seen[0].incarnation != seen[1].incarnation


async def test_an_emptied_server_is_seen_by_the_mark_and_by_scripts_it_forgot(
    redis_url: str,
) -> None:
    async with Redis.from_url(redis_url) as client:
        store = RedisStore(client)
        footing = await store.advance(PURCHASE, await store.footing(PURCHASE), Mark(EPOCH, 10))
        await client.flushall()
        await client.script_flush()
        with pytest.raises(StoreMovedError):
            await store.write(PURCHASE, footing, [write(b"", section(4))])
        assert await client.dbsize() == 0


async def test_the_keys_are_those_of_the_keyspace(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        store = RedisStore(client)
        await outcome(store, write(b"", section(4), customer="李雷"))
        await store.advance(PURCHASE, await store.footing(PURCHASE), Mark(EPOCH, 10))
    with redis.Redis.from_url(redis_url, decode_responses=True) as reader:
        assert set(reader.keys()) == {profile_key("李雷"), state_key("李雷"), "mark:purchase/3"}
        assert reader.hmget("profile:{李雷}", ["orders", "nothing"]) == ["1", None]
        assert reader.get("mark:purchase/3") == "0000000000000007:10"
