"""Settings that would build other profiles than meant are refused before anything starts."""

import pytest
from pydantic import ValidationError

from profiles.sections.folding import DEFAULT_FOLDING, Folding, half_life_of
from profiles.settings import Settings, unknown_variables

LIMITS = 1, 3650


@pytest.mark.parametrize("days", ["0", "3651", "-30", "7.5", "a month"])
def test_a_half_life_is_a_whole_number_of_days_within_limits(
    days: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTRAIT_TASTE_HALF_LIFE_DAYS", days)
    with pytest.raises(ValidationError, match="taste_half_life_days"):
        Settings()


def test_without_a_setting_sections_are_folded_as_everything_assumes() -> None:
    assert Folding(Settings().taste_half_life_days) == DEFAULT_FOLDING


@pytest.mark.parametrize("days", LIMITS)
def test_every_half_life_that_can_be_set_fits_into_a_header(days: int) -> None:
    version = Folding(Settings(taste_half_life_days=days).taste_half_life_days).version
    assert version < 1 << 16
    assert half_life_of(version) == days


@pytest.mark.parametrize("code", ["UDS", "RMB", "usd", "USD ", "ZZZ"])
def test_a_base_currency_that_no_event_can_name_is_refused(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a misspelt one, all that events say in the right one would be foreign money."""
    monkeypatch.setenv("PORTRAIT_BASE_CURRENCY", code)
    with pytest.raises(ValidationError, match="base_currency"):
        Settings()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("redis://127.0.0.1:abc/0", "'abc'"),
        ("redis://h:65536/0", "range"),
        ("redis://h:6379/zero", "database 'zero'"),
        ("redis://h:6379/-1", "database '-1'"),
        ("rediss://h?db=first", "'db'"),
        ("redis://h?socket_timeout=long", "'socket_timeout'"),
        ("redis://[::1:6379/0", "IPv6"),
        ("redis://:6379/0", "no host"),
        ("redis+cluster://h:port", "'port'"),
        ("redis+cluster://h:7000/1", "one database"),
        ("unix://redis.sock", "no path"),
        ("unix:///run/redis.sock?db=first", "'db'"),
    ],
)
def test_a_redis_url_that_leads_nowhere_is_refused_with_what_is_wrong(url: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=f"(?s)redis_url.*{fault}"):
        Settings(redis_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "redis://h",
        "redis://h/",
        "redis://[::1]:6379/15",
        "rediss://anna:p%40ss@h:6380/3?socket_timeout=2",
        "redis://h:6379?db=4",
        "redis+cluster://h:7000",
        "rediss+cluster://h:7000/0",
        "unix:///run/redis.sock",
        "unix://anna:pass@/run/redis.sock?db=2",
    ],
)
def test_a_redis_url_of_every_kind_is_taken(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


def test_traits_are_listed_by_commas_and_none_stands_for_all() -> None:
    assert Settings(traits="orders, revenue,").trait_names == ["orders", "revenue"]
    assert Settings().trait_names == []


def test_variables_that_are_no_settings_are_found_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not those that Kubernetes writes for a service named `portrait-kafka`."""
    before = unknown_variables()
    for name, value in {
        "PORTRAIT_KAFKA": "127.0.0.1:1",
        "portrait_log_level": "info",
        "PORTRAIT_HEATH_PORT": "80",
        "PORTRAIT_TRAIT": "orders",
        "PORTRAIT_KAFKA_SERVICE_HOST": "10.0.0.1",
        "PORTRAIT_KAFKA_PORT": "tcp://10.0.0.1:9092",
        "PORTRAIT_KAFKA_PORT_9092_TCP_ADDR": "10.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    assert set(unknown_variables()) - set(before) == {"PORTRAIT_HEATH_PORT", "PORTRAIT_TRAIT"}
