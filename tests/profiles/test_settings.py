"""Settings that would build other profiles than meant are refused before anything starts."""

import pytest
from pydantic import ValidationError

from profiles.sections.folding import DEFAULT_FOLDING, Folding, half_life_of
from profiles.settings import Settings

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
