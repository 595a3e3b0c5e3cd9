"""Profiles of real customers equal an independent computation with pandas."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from profiles.refresh import Refresher
from profiles.sections.purchase import TOP_PRODUCTS
from profiles.sketches.decayed import HALF_LIFE_MS
from profiles.stores.memory import MemoryStore
from profiles.traits.tastes import PURCHASE_WEIGHT
from profiles.traits.windows import WINDOWS_DAYS

from .owners import PURCHASES, Owner
from .strategies import Event

ONE_OF = 20  # customers
TIE_LOOKS = 2e-3  # half an hour: 8 units and the rounding of each line
Profiles = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def rows(data: Path) -> pd.DataFrame:
    """Return the rows of a twentieth of the customers, in file order, duplicates included."""
    table = pd.read_parquet(data / "online_retail.parquet")
    table = table[table.CustomerID % ONE_OF == 0]
    returned = (table.Quantity < 0) | table.InvoiceNo.str.startswith("C")
    ts = table.InvoiceDate.astype("datetime64[ms]").astype("int64")
    return table.assign(returned=returned, ts=ts, customer=table.CustomerID.astype(int).astype(str))


def event(row: Any) -> Event:
    line = (row.InvoiceNo, row.StockCode, row.Description, row.Quantity, row.ts, row.UnitPrice)
    return {
        "type": "return" if row.returned else "purchase",
        "event_id": "|".join(map(str, line)),
        "customer_id": row.customer,
        "ts": row.ts,
        "order_id": row.InvoiceNo,
        "item_id": row.StockCode,
        "quantity": abs(row.Quantity),
        "price": row.UnitPrice,
        "currency": "GBP",
    }


async def built(rows: pd.DataFrame) -> tuple[Profiles, Owner]:
    store = MemoryStore()
    owner = Owner(store, PURCHASES, cache_bytes=1 << 24)
    await owner.follow([event(row) for row in rows.itertuples()], 5_000)
    return store.profiles, owner


async def test_counts_money_and_rhythm_equal_pandas(rows: pd.DataFrame) -> None:
    profiles, owner = await built(rows)
    unique = rows.drop_duplicates()
    assert (owner.counted, owner.duplicates) == (len(unique), len(rows) - len(unique))
    assert profiles.keys() == set(rows.customer)
    for customer, lines in unique[~unique.returned].groupby("customer"):
        fields = profiles[str(customer)]
        revenue = (lines.Quantity * lines.UnitPrice).sum()
        orders = lines.InvoiceNo.nunique()
        assert fields["orders"] == str(orders)
        assert fields["lines"] == str(len(lines))
        assert fields["items"] == str(lines.Quantity.sum())
        assert float(fields["revenue"]) == pytest.approx(revenue, abs=1e-6)
        assert float(fields["avg_order_value"]) == pytest.approx(revenue / orders, abs=0.005001)
        assert pd.Timestamp(fields["first_purchase"]) == lines.InvoiceDate.min().tz_localize("UTC")
        assert pd.Timestamp(fields["last_purchase"]) == lines.InvoiceDate.max().tz_localize("UTC")
        gaps = lines.InvoiceDate.dt.floor("D").drop_duplicates().sort_values().diff().dt.days
        if gaps.count():
            assert float(fields["gap_days.mean"]) == pytest.approx(gaps.mean(), rel=1e-3)
        if gaps.count() > 1:
            assert float(fields["gap_days.sd"]) == pytest.approx(gaps.std(), rel=1e-3)
            assert float(fields["gap_days.median"]) == pytest.approx(gaps.median(), rel=1e-3)
            regularity = 1 / (1 + gaps.std() / gaps.mean())
            assert float(fields["regularity"]) == pytest.approx(regularity, rel=1e-3)


async def test_returns_equal_pandas(rows: pd.DataFrame) -> None:
    profiles, _ = await built(rows)
    unique = rows.drop_duplicates()
    for customer, lines in unique[unique.returned].groupby("customer"):
        fields = profiles[str(customer)]
        refunds = (lines.Quantity.abs() * lines.UnitPrice).sum()
        assert fields["returns"] == str(len(lines))
        assert fields["returned_items"] == str(lines.Quantity.abs().sum())
        assert float(fields["refunds"]) == pytest.approx(refunds, abs=1e-6)
        every = unique[unique.customer == customer]
        assert float(fields["return_rate"]) == pytest.approx(len(lines) / len(every), rel=1e-3)


async def test_windows_as_of_a_later_day_equal_pandas(rows: pd.DataFrame) -> None:
    profiles, owner = await built(rows)
    end = rows.InvoiceDate.max().floor("D")
    now = int(end.timestamp() * 1000)
    stand = (owner.partition, owner.footing)
    refresher = Refresher(owner.store, owner.cache, owner.deriver, lambda _: stand)
    assert await refresher.tick(now, 10_000) > 100
    bought = rows.drop_duplicates()[lambda table: ~table.returned]
    bought = bought.assign(
        day=bought.InvoiceDate.dt.floor("D"), paid=bought.Quantity * bought.UnitPrice
    )
    for customer, lines in bought.groupby("customer"):
        fields = profiles[str(customer)]
        assert fields["recency_days"] == str((end - lines.day.max()).days)
        largest = lines.groupby("InvoiceNo").paid.sum().max()
        assert float(fields.get("largest_order", 0)) == pytest.approx(largest, abs=1e-6)
        for days in WINDOWS_DAYS:
            spent = lines.paid[lines.day > end - pd.Timedelta(days=days)].sum()
            assert float(fields.get(f"revenue_{days}d", 0)) == pytest.approx(spent, abs=1e-6)


async def test_top_items_of_customers_within_the_limit_equal_pandas(rows: pd.DataFrame) -> None:
    profiles, _ = await built(rows)
    unique = rows.drop_duplicates()
    last = unique.groupby("customer").ts.max()
    compared = 0
    for customer, lines in unique[~unique.returned].groupby("customer"):
        if lines.StockCode.nunique() > TOP_PRODUCTS:
            continue
        weights = PURCHASE_WEIGHT * 0.5 ** ((last[customer] - lines.ts) / HALF_LIFE_MS)
        summed = weights.groupby(lines.StockCode).sum()
        shown = [profiles[str(customer)].get(f"top_item.{place}") for place in (1, 2)]
        found = summed[[name for name in shown if name]].to_list()
        assert found == pytest.approx(summed.nlargest(2).to_list(), abs=TIE_LOOKS)
        compared += 1
    assert compared > 50


async def test_prices_are_within_five_percent_of_pandas(rows: pd.DataFrame) -> None:
    profiles, _ = await built(rows)
    unique = rows.drop_duplicates()
    for customer, lines in unique[~unique.returned & (unique.UnitPrice > 0)].groupby("customer"):
        for name, q in (("price.p50", 0.5), ("price.p90", 0.9)):
            true = np.quantile(lines.UnitPrice, q, method="inverted_cdf")
            assert float(profiles[str(customer)][name]) == pytest.approx(true, rel=0.051)


async def test_rows_shuffled_within_an_hour_give_the_same_profiles(rows: pd.DataFrame) -> None:
    """Within the limits: the window of duplicates, and the capacity of the tops."""
    in_order, _ = await built(rows)
    jitter = pd.Series(range(len(rows)), index=rows.index).mul(7_919).mod(3_600_000)
    shuffled, _ = await built(rows.loc[(rows.ts + jitter).sort_values().index])
    many = rows.groupby("customer").StockCode.nunique() > TOP_PRODUCTS
    for customer, fields in in_order.items():
        other = shuffled[customer]
        for name in fields.keys() | other.keys():
            if not (many[customer] and name.startswith("top_item.")):
                assert fields.get(name) == other.get(name), (customer, name)
