"""The cache is bounded in bytes, and its accounts are right whatever happens to it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.cache import OVERHEAD_BYTES, Cached, SectionCache

LIMIT = 5 * OVERHEAD_BYTES

actions = st.lists(st.tuples(st.sampled_from(["put", "get", "drop"]), st.sampled_from("abcdefgh")))
sizes = st.lists(st.integers(0, 2 * LIMIT), min_size=1)


@given(actions, sizes)
def test_what_is_cached_never_exceeds_the_limit(
    log: list[tuple[str, str]], sizes: list[int]
) -> None:
    cache = SectionCache(LIMIT)
    for place, (action, customer) in enumerate(log):
        if action == "put":
            cache.put(customer, Cached({}, bytes(sizes[place % len(sizes)])))
        elif action == "get":
            cache.get(customer)
        else:
            cache.drop(customer)
        held = [entry for name in "abcdefgh" if (entry := cache.get(name))]
        assert sum(entry.size for entry in held) <= LIMIT
    for customer in "abcdefgh":
        cache.drop(customer)
    for customer in "abcde":
        cache.put(customer, Cached({}, b""))
    assert len(cache) == LIMIT // OVERHEAD_BYTES  # nothing is counted that is gone


def test_the_least_recently_used_gives_way() -> None:
    cache = SectionCache(2 * OVERHEAD_BYTES)
    for customer in ("a", "b"):
        cache.put(customer, Cached({}, b""))
    cache.get("a")
    cache.put("c", Cached({}, b""))
    assert [customer for customer in "abc" if cache.get(customer)] == ["a", "c"]


def test_a_cleared_cache_takes_as_much_as_a_new_one() -> None:
    cache = SectionCache(2 * OVERHEAD_BYTES)
    for round_ in range(3):
        cache.clear()
        for customer in ("a", "b"):
            cache.put(customer, Cached({}, b""))
        assert len(cache) == 2, round_


def test_what_is_being_written_is_unknown_until_the_store_has_answered() -> None:
    cache = SectionCache(limit_bytes=10_000)
    cache.put("a", Cached({"purchase/0": b"x"}, b""))
    with cache.writing(["a", "b"]), cache.writing(["a"]):
        assert (cache.peek("a"), cache.is_being_written("a")) == (None, True)
    assert not cache.is_being_written("a")
    with pytest.raises(ZeroDivisionError), cache.writing(["a"]):
        raise ZeroDivisionError
    assert not cache.is_being_written("a")


def late(cache: SectionCache, meanwhile: Callable[[], object]) -> Cached | None:
    """What is cached of a customer whose write is answered after something has come between."""
    with cache.writing(["a"]) as writing:
        meanwhile()
        writing.stored("a", Cached({"purchase/0": b"old"}, b""))
    return cache.peek("a")


def test_what_the_store_has_taken_is_cached() -> None:
    assert late(SectionCache(10_000), lambda: None) is not None


def test_an_answer_that_comes_after_all_was_forgotten_is_not_cached() -> None:
    cache = SectionCache(10_000)
    assert late(cache, cache.clear) is None


def test_an_answer_that_comes_after_somebody_has_read_the_store_is_not_cached() -> None:
    cache = SectionCache(10_000)
    assert late(cache, lambda: cache.get("a")) is None


def test_of_two_writes_at_once_none_is_cached_whichever_ends_first() -> None:
    cache, newer = SectionCache(10_000), Cached({"purchase/0": b"new"}, b"")

    def another() -> None:
        with cache.writing(["a"]) as writing:
            writing.stored("a", newer)
        assert cache.peek("a") is None

    assert late(cache, another) is None
    with cache.writing(["a"]) as writing:
        writing.stored("a", newer)
    assert cache.peek("a") == newer
