"""The reader gives profiles as dicts, in one round trip, and one kind of error."""

from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from profiles.keyspace import profile_key
from profiles.reader import ProfileReader, ProfilesUnavailableError

FIELDS = {"orders": "34", "top_category.1": "茶", "revenue": "5391.21"}


@pytest.fixture(params=[False, True], ids=["bytes", "decoded"])
def client(request: pytest.FixtureRequest, redis_url: str) -> Iterator[redis.Redis]:
    """A client of either kind, and two profiles."""
    with redis.Redis.from_url(redis_url, decode_responses=request.param) as client:
        client.hset(profile_key("17850"), mapping=FIELDS)
        client.hset(profile_key("李雷"), mapping={"orders": "1"})
        yield client


def test_a_profile_is_read_whole_or_by_field(client: redis.Redis) -> None:
    reader = ProfileReader(client)
    assert reader.get("17850") == FIELDS
    assert reader.get("17850", "orders", "churn.score") == {"orders": "34"}
    assert reader.get("李雷", "orders") == {"orders": "1"}


def test_customers_without_a_profile_are_empty(client: redis.Redis) -> None:
    reader = ProfileReader(client)
    assert reader.get("nobody") == reader.get("nobody", "orders") == {}
    assert reader.get_many(["nobody", "17850"], "orders") == [{}, {"orders": "34"}]


def test_many_profiles_come_in_order_in_one_round_trip(client: redis.Redis) -> None:
    reader = ProfileReader(client)
    customers = ["17850", "nobody", "李雷"]
    reader.get_many(customers)  # connected
    before = client.info("stats")["total_reads_processed"]
    assert reader.get_many(iter(customers)) == [FIELDS, {}, {"orders": "1"}]
    assert client.info("stats")["total_reads_processed"] - before == 2  # ours and this INFO
    assert reader.get_many([]) == []


def test_a_server_that_is_away_is_one_clear_error() -> None:
    with redis.Redis("127.0.0.1", 1, retry=Retry(NoBackoff(), 0)) as client:
        reader = ProfileReader(client)
        for ask in (lambda: reader.get("17850"), lambda: reader.get_many(["17850"], "orders")):
            with pytest.raises(ProfilesUnavailableError) as caught:
                ask()
            assert caught.value.evidence["customers"] == ["17850"]
            assert isinstance(caught.value.__cause__, redis.RedisError)


def test_a_key_that_is_no_profile_is_the_same_error(client: redis.Redis) -> None:
    client.set(profile_key("odd"), "text")
    reader = ProfileReader(client)
    with pytest.raises(ProfilesUnavailableError, match="WRONGTYPE"):
        reader.get("odd")
    with pytest.raises(ProfilesUnavailableError, match="WRONGTYPE"):
        reader.get_many(["17850", "odd"], "orders")
