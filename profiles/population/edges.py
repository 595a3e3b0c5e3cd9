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

    Recency is brought to one moment for all, since a profile's own may be the customer's latest
    event. The version is given when they are stored.
    """
    numbers = columns.numbers
    if "orders" not in numbers or "recency_days" not in numbers:
        return None
    at = moment(columns)
    recency = numbers["recency_days"].dense(columns.rows)
    if "as_of" in numbers:
        recency += (at / 1000 - numbers["as_of"].dense(columns.rows)) / DAY_SECONDS
    bought = ~np.isnan(recency)
    revenue = numbers["revenue"].dense(columns.rows) if "revenue" in numbers else 0 * recency
    return RfmEdges(
        recency=_fifths(recency[bought]),
        frequency=_fifths(numbers["orders"].values),
        monetary=_fifths(np.nan_to_num(revenue[bought])),
        version=0,
        at=at,
    )


def _fifths(values: Floats) -> Sequence[float]:
    edges: list[float] = np.quantile(values, FIFTHS).tolist()
    return edges
