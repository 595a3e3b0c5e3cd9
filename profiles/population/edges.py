"""Where the fifths of the population end, from the columns of a sample."""

from collections.abc import Sequence

import numpy as np

from profiles.population.columns import Columns, Floats
from profiles.population.summary import moment
from profiles.traits.edges import SCORES, RfmEdges

FIFTHS = [place / SCORES for place in range(1, SCORES)]
DAY_SECONDS = 86_400


def rfm_edges(columns: Columns) -> RfmEdges | None:
    """Return the edges among customers who have bought, None where nobody has.

    Recency is that at one moment for all, since a profile's own may be the customer's latest event.
    The version is given when they are stored.
    """
    numbers = columns.numbers
    if "orders" not in numbers or "last_purchase" not in numbers:
        return None
    at = moment(columns)
    last_purchase = numbers["last_purchase"].dense(columns.rows)
    bought = ~np.isnan(last_purchase)
    revenue = numbers["revenue"].dense(columns.rows) if "revenue" in numbers else 0 * last_purchase
    return RfmEdges(
        recency=_fifths(_recency_days(last_purchase[bought], at)),
        frequency=_fifths(numbers["orders"].values),
        monetary=_fifths(np.nan_to_num(revenue[bought])),
        version=0,
        at=at,
    )


def _recency_days(last_purchase: Floats, at: int) -> Floats:
    """Return whole days (UTC) for times in seconds, as `traits.windows.recency_days` does."""
    days: Floats = at // (1000 * DAY_SECONDS) - last_purchase // DAY_SECONDS
    return days


def _fifths(values: Floats) -> Sequence[float]:
    edges: list[float] = np.quantile(values, FIFTHS).tolist()
    return edges
