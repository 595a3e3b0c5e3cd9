"""The latent kinds of customers: what they are like, and what no event says."""

from typing import Final, NamedTuple

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_DAYS_A_YEAR: Final = 365.25
_SEASONS: Final = ((120, 180), (304, 365))  # May and June, November and December; days of the year

OFF_SEASON: Final = 0.1  # share of visits that a seasonal customer makes outside the seasons
FADE_DAYS: Final = 21  # whoever leaves fades first: that is what a churn model can see


class CustomerKind(NamedTuple):
    """How a kind behaves; probabilities and means of the distributions that it is drawn from."""

    name: str
    share: float  # of newcomers
    stays_days: float  # mean membership (exponential), at whose end the customer leaves for good
    visits_per_day: float
    buys: float  # P(a visit ends in an order)
    views: float  # items looked at in a visit, mean
    lines: float  # lines of an order, mean
    quantity: float  # pieces of a line, mean
    pays: float  # share of the list price
    returns: float  # P(a line comes back)
    speaks: float  # P(an order is commented on)
    rating: float  # mean, of 5
    seasonal: bool = False


KINDS: Final = (
    CustomerKind("loyal", 0.12, 400, 0.30, 0.60, 4, 3.0, 1.2, 1.00, 0.03, 0.25, 4.5),
    CustomerKind("bargain_hunter", 0.18, 180, 0.20, 0.25, 8, 2.0, 1.5, 0.60, 0.12, 0.15, 3.6),
    CustomerKind("bulk_buyer", 0.06, 500, 0.045, 0.80, 3, 12.0, 6.0, 0.90, 0.02, 0.10, 4.1),
    CustomerKind("seasonal", 0.08, 300, 0.20, 0.50, 5, 4.0, 1.5, 0.95, 0.05, 0.15, 4.2, True),
    CustomerKind("browser", 0.22, 200, 0.40, 0.05, 10, 1.2, 1.0, 0.90, 0.08, 0.30, 3.8),
    CustomerKind("one_timer", 0.34, 8, 0.15, 0.90, 3, 1.5, 1.1, 1.00, 0.10, 0.20, 3.2),
)


def in_season(ts: int) -> bool:
    """Tell whether a moment (epoch ms) is in a season, to a day or so.

    >>> in_season(1_733_000_000_000), in_season(1_740_000_000_000)  # December, February
    (True, False)
    """
    day_of_year = ts / DAY_MS % _DAYS_A_YEAR
    return any(first <= day_of_year <= last for first, last in _SEASONS)
