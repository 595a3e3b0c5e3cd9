"""Discounts, coupons and windows of real households equal an independent computation with pandas.

The columns are read by hand here, not through the shipped mapping.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from profiles.stores.memory import MemoryStore

from .owners import PURCHASES, Owner
from .strategies import Event

ONE_OF = 20  # households
DISCOUNTS = ["retail_disc", "coupon_disc", "coupon_match_disc"]


@pytest.fixture(scope="module")
def rows(data: Path) -> pd.DataFrame:
    table = pd.read_csv(data / "completejourney.csv.gz")
    table = table[table.household_id % ONE_OF == 0].drop_duplicates()
    at = pd.to_datetime(table.transaction_timestamp)
    return table.assign(
        ts=at.astype("datetime64[ms]").astype("int64"),
        day=at.dt.floor("D"),
        off=table[DISCOUNTS].sum(axis=1).round(4),
        amount=table.sales_value.round(4),
    )


def event(place: int, row: Any) -> Event:
    line = {
        "type": "purchase",
        "event_id": str(place),
        "customer_id": str(row.household_id),
        "ts": row.ts,
        "order_id": str(row.basket_id),
        "quantity": max(1, int(row.quantity)),
        "amount": row.amount,
    }
    reduced = {"discount": row.off} if row.off else {}
    return line | reduced | ({"coupon": "any"} if row.coupon_disc > 0 else {})


async def test_households_equal_pandas(rows: pd.DataFrame) -> None:
    store = MemoryStore()
    owner = Owner(store, PURCHASES, cache_bytes=1 << 24)
    await owner.follow([event(place, row) for place, row in enumerate(rows.itertuples())], 5_000)
    assert len(store.profiles) == rows.household_id.nunique() > 50
    for household, lines in rows.groupby("household_id"):
        assert numbers(store.profiles[str(household)]) == pytest.approx(expected(lines), rel=1e-3)


def expected(lines: pd.DataFrame) -> dict[str, float]:
    """Return every figure of a household that is not zero."""
    today = lines.day.max()
    spent = {n: lines.amount[lines.day > today - pd.Timedelta(days=n)].sum() for n in WINDOWS}
    lately, before = spent[90], spent[180] - spent[90]
    figures = {
        "orders": lines.basket_id.nunique(),
        "revenue": lines.amount.sum(),
        "largest_order": lines.groupby("basket_id").amount.sum().max(),
        "discount_share": (lines.off > 0).mean(),
        "coupon_share": (lines.coupon_disc > 0).mean(),
        "revenue_7d": spent[7],
        "revenue_30d": spent[30],
        "revenue_90d": spent[90],
        "revenue_365d": spent[365],
        "revenue_trend": (lately - before) / (lately + before) if spent[180] else 0,
    }
    return {name: figure for name, figure in figures.items() if round(figure, 4)}


WINDOWS = (7, 30, 90, 180, 365)
FIGURES = (
    "orders", "revenue", "largest_order", "discount_share", "coupon_share",
    "revenue_7d", "revenue_30d", "revenue_90d", "revenue_365d", "revenue_trend",
)  # fmt: skip


def numbers(profile: dict[str, str]) -> dict[str, float]:
    return {name: float(profile[name]) for name in FIGURES if float(profile.get(name, 0))}
