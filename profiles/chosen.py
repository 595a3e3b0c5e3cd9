"""What the settings choose: traits, what sections keep for them, and which scores say why."""

from profiles.learning.names import check_names
from profiles.sections.aspects import ALL
from profiles.sections.folding import Folding
from profiles.settings import Settings
from profiles.traits import Catalogue, catalogue


def traits_of(settings: Settings) -> Catalogue:
    """Return the traits to derive.

    Raises:
        TierRulesError: `PORTRAIT_RFM_TIERS` cannot be read.
        TraitError: `PORTRAIT_TRAITS` names one that there is not.
    """
    return catalogue(settings.rfm_tiers, settings.trait_names)


def reasons_of(settings: Settings) -> list[str]:
    """Return the tasks whose scores come with their reasons.

    Raises:
        UnknownTaskError: `PORTRAIT_REASONS` names one that there is not.
    """
    check_names("PORTRAIT_REASONS", settings.reasons_of)
    return settings.reasons_of


def folding_of(settings: Settings) -> Folding:
    """Return how events become sections.

    >>> from profiles.sections.aspects import named
    >>> asked = Settings(traits="orders, gap_days.mean", keep="traits", learning=False)
    >>> named(folding_of(asked).keeps)
    ['orders', 'days']
    """
    keeps = ALL if settings.keep == "everything" else traits_of(settings).aspects
    return Folding(settings.taste_half_life_days, keeps)
