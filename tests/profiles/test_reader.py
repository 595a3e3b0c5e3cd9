"""The reader gives profiles as dicts, in one round trip, and one kind of error."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from profiles.errors import ClusterUnavailableError
from profiles.keyspace import profile_key
from profiles.reader import ProfileReader, ProfilesUnavailableError
from profiles.stores.client import SyncClient, connect_sync
from profiles.traits.fields import FieldTextError

FIELDS = {"orders": "34", "top_category.1": "茶", "revenue": "5391.21"}


@pytest.fixture(params=[False, True], ids=["bytes", "decoded"])
def client(request: pytest.FixtureRequest, redis_url: str) -> Iterator[redis.Redis]:
    """A client of either kind, and two profiles."""
    with redis.Redis.from_url(redis_url, decode_responses=request.param) as client:
        fill(client)
        yield client


def fill(client: SyncClient) -> None:
    client.hset(profile_key("17850"), mapping=FIELDS)
    client.hset(profile_key("李雷"), mapping={"orders": "1"})


def test_profiles_of_a_cluster_are_read_alike(cluster_url: str) -> None:
    with connect_sync(cluster_url) as client:
        fill(client)
        reader = ProfileReader(client)
        assert reader.get("17850") == FIELDS
        assert reader.get_many(["17850", "nobody", "李雷"]) == [FIELDS, {}, {"orders": "1"}]
        assert reader.get_many(["李雷", "17850"], "orders") == [{"orders": "1"}, {"orders": "34"}]


def test_a_cluster_that_is_away_is_an_error_of_ours() -> None:
    with pytest.raises(ClusterUnavailableError):
        connect_sync("redis+cluster://127.0.0.1:1")


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


def test_a_typed_profile_holds_plain_python_values(client: redis.Redis) -> None:
    texts = {
        "rating.mean": "4.5", "last_seen": "2011-12-09T12:50:00Z", "revenue.EUR": "5.5000",
        "consent.ads": "false", "fact.city": "Leeds", "of_another_version": "1",
    }  # fmt: skip
    client.hset(profile_key("17850"), mapping=texts)
    assert ProfileReader(client).typed("17850") == {
        "orders": 34,
        "top_category.1": "茶",
        "revenue": Decimal("5391.21"),
        "rating.mean": 4.5,
        "last_seen": datetime(2011, 12, 9, 12, 50, tzinfo=UTC),
        "revenue.EUR": Decimal("5.5"),
        "consent.ads": False,
        "fact.city": "Leeds",
        "of_another_version": "1",
    }
    assert ProfileReader(client).typed("17850", "orders", "churn.score") == {"orders": 34}
    assert ProfileReader(client).typed("nobody") == {}


@pytest.mark.parametrize(
    ("field", "text"),
    [("orders", "3.5"), ("revenue", "much"), ("last_seen", "today"), ("consent.ads", "yes")],
)
def test_a_field_of_another_type_is_named(client: redis.Redis, field: str, text: str) -> None:
    client.hset(profile_key("17850"), field, text)
    with pytest.raises(FieldTextError) as caught:
        ProfileReader(client).typed("17850")
    assert (caught.value.evidence["field"], caught.value.evidence["value"]) == (field, text)
