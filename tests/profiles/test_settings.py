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
