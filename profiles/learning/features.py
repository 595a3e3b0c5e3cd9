"""The catalogue of features: what models may know about a customer, in a fixed order.

Values are raw, in the unit given here, finite, as of the event's time. Counts, sums and durations
have heavy tails, so models take the log1p of the features marked `log`, and the others clipped at
PLAIN_LIMIT (`Selection` does it, for one row or for many).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.errors import PortraitError

FEATURE_VERSION = 2  # changes whenever the list below, its order or a meaning changes

LONGEST_GAP_DAYS = 365.0  # stands for "no earlier purchase day", and caps the gaps
PLAIN_LIMIT = 1_000.0  # shares and ratings are far below; one absurd value must not overflow

Matrix = npt.NDArray[np.float64]


class UnknownFeatureError(PortraitError):
    """A task asks for a feature that the catalogue does not hold; evidence: `value`, `expected`."""


class Feature(NamedTuple):
    """One column of the catalogue."""

    name: str
    unit: str
    log: bool  # models take log1p of it
    en: str
    zh: str


FEATURES = (
    Feature("orders", "orders", True, "orders so far", "累计订单数"),
    Feature("revenue", "base currency", True, "spent so far", "累计消费金额"),
    Feature("items_per_order", "items", True, "items in an order, on average", "平均每单件数"),
    Feature("distinct_items", "items", True, "different items bought", "买过的不同商品数"),
    Feature(
        "last_gap_days", "days", True, "between the last two purchase days", "最近两次购买间隔"
    ),
    Feature("mean_gap_days", "days", True, "between purchase days, 0 if one", "平均购买间隔"),
    Feature("sd_gap_days", "days", True, "spread of those gaps, 0 if one", "购买间隔的标准差"),
    Feature("tenure_days", "days", True, "since the first purchase", "首次购买至今"),
    Feature("recency_days", "days", True, "since the last purchase", "最近一次购买至今"),
    Feature("decayed_orders_7", "days", True, "purchase days, half-life 7 days", "近一周购买强度"),
    Feature(
        "decayed_orders_30", "days", True, "purchase days, half-life 30 days", "近一月购买强度"
    ),
    Feature(
        "decayed_orders_90", "days", True, "purchase days, half-life 90 days", "近一季购买强度"
    ),
    Feature("returns_share", "0..1", False, "returned share of all lines", "退货行占比"),
    Feature("views_30", "views", True, "views, half-life 30 days", "近一月浏览强度"),
    Feature("cart_adds_30", "cart adds", True, "cart adds, half-life 30 days", "近一月加购强度"),
    Feature("mean_rating", "1..5", False, "mean rating given, 3 if none", "平均评分"),
    Feature("silent_days", "days", True, "since anything was done", "最近一次活动至今"),
)
# computed here from the others: known to models, not part of what a question carries
DERIVED = (
    Feature("orders_per_month", "orders", True, "orders in 30 days, damped", "平均每月订单数"),
    Feature(
        "spent_per_month", "base currency", True, "spent in 30 days, damped", "平均每月消费金额"
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)
KNOWN = NAMES + tuple(feature.name for feature in DERIVED)


def per_month(total: float, tenure_days: float) -> float:
    """What comes to `total` so far in 30 days, over the tenure and 30 days more.

    So a first order is not a daily habit.

    >>> per_month(total=1, tenure_days=0), per_month(total=13, tenure_days=360)
    (1.0, 1.0)
    """
    return 30.0 * total / (max(tenure_days, 0.0) + 30.0)


_TOTALS = [NAMES.index(name) for name in ("orders", "revenue")]  # as in DERIVED
_TENURE = NAMES.index("tenure_days")


class Selection:
    """The features that one task uses, prepared for a linear model or a distance.

    Rows are keyed by position, not by name: small integers hash to themselves, so no sum inside
    river depends on `PYTHONHASHSEED`.

    >>> Selection(("orders", "mean_rating")).row([1.0] * 15 + [4.5, 0.0])
    {0: 0.6931471805599453, 1: 4.5}
    """

    def __init__(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in KNOWN]
        if unknown:
            raise UnknownFeatureError("no such feature", value=unknown, expected=KNOWN)
        self.names = tuple(names)
        self.columns = [KNOWN.index(name) for name in names]
        self.logs = [(*FEATURES, *DERIVED)[column].log for column in self.columns]
        self._plan = list(zip(range(len(names)), self.columns, self.logs, strict=True))

    def row(self, features: Sequence[float]) -> dict[int, float]:
        """Position in the selection → prepared value, from one row of the whole catalogue."""
        tenure = features[_TENURE]
        known = [*features, *(per_month(features[total], tenure) for total in _TOTALS)]
        return {
            position: math.log1p(max(known[column], 0.0))
            if log
            else min(max(known[column], -PLAIN_LIMIT), PLAIN_LIMIT)
            for position, column, log in self._plan
        }

    def matrix(self, rows: Matrix) -> Matrix:
        """The same for many: (n, len(FEATURES)) → (n, len(names))."""
        months = np.maximum(rows[:, [_TENURE]], 0.0) + 30.0
        derived = 30.0 * rows[:, _TOTALS] / months
        chosen = np.column_stack((rows, derived))[:, self.columns]
        logs = np.array(self.logs, dtype=bool)
        chosen[:, logs] = np.log1p(np.maximum(chosen[:, logs], 0.0))
        chosen[:, ~logs] = np.clip(chosen[:, ~logs], -PLAIN_LIMIT, PLAIN_LIMIT)
        return chosen
