"""The public tables, read by hand with pandas: no mapping, no schema, no fold.

`Table.write` writes a share of the customers to a smaller file, its lines as they were, in order of
time; `Table.read` says what that file holds, by kind of event.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import pandas as pd

DISCOUNTS = ["retail_disc", "coupon_disc", "coupon_match_disc"]
ACTIONS = {0: "view", 2: "favourite", 3: "cart_add"}
Frames = dict[str, pd.DataFrame]
Write = Callable[[Path, Path, Callable[[str], bool]], None]
"""Writes the lines of chosen customers of one file to another."""


class Table(NamedTuple):
    """One of the tables: how to sample it, and what it says."""

    file: str
    mapping: str
    currency: str
    one_of: int  # customers
    write: Write
    read: Callable[[Path], Frames]

    def sample(self, data: Path, folder: Path) -> Path:
        """Write every `one_of`-th customer to a file of the same name."""
        small = folder / self.file
        self.write(data / self.file, small, lambda name: crc32(name.encode()) % self.one_of == 0)
        return small


def epoch_ms(times: pd.Series) -> pd.Series:
    return times.astype("datetime64[ms]").astype("int64")


def _texts(
    customer: Callable[[str], str], order: Callable[[str], str] | None = None, head: int = 0
) -> Write:
    def write(whole: Path, small: Path, chosen: Callable[[str], bool]) -> None:
        with gzip.open(whole, "rt", encoding="utf-8", newline="") as text:
            lines = list(text)
        kept = [line for line in lines[head:] if chosen(customer(line))]
        with gzip.open(small, "wt", encoding="utf-8", newline="") as text:
            text.writelines(lines[:head] + (sorted(kept, key=order) if order else kept))

    return write


def _write_retail(whole: Path, small: Path, chosen: Callable[[str], bool]) -> None:
    table = pd.read_parquet(whole)
    known = table.CustomerID.notna()
    names = table.CustomerID.fillna(0).astype(int).astype(str)
    table[known & names.map(chosen)].to_parquet(small, index=False)


def _read_retail(path: Path) -> Frames:
    table = pd.read_parquet(path).drop_duplicates()
    back = (table.Quantity < 0) | table.InvoiceNo.str.startswith("C")
    quantity = table.Quantity.abs()
    lines = pd.DataFrame(
        {
            "customer": table.CustomerID.astype(int).astype(str),
            "ts": epoch_ms(table.InvoiceDate),
            "order": table.InvoiceNo,
            "quantity": quantity,
            "units": (table.UnitPrice * 10_000).round().astype("int64") * quantity,
            "price": table.UnitPrice,
            "item": table.StockCode,
        }
    )
    return {"bought": lines[~back], "returned": lines[back]}


def _read_cdnow(path: Path) -> Frames:
    names = ["customer", "sample", "date", "cds", "dollars"]
    table = pd.read_csv(path, sep=r"\s+", names=names, dtype=str)
    lines = pd.DataFrame(
        {
            "customer": table.customer,
            "ts": epoch_ms(pd.to_datetime(table.date, format="%Y%m%d")),
            "order": table.index.astype(str),
            "quantity": table.cds.astype(int),
            "units": (table.dollars.astype(float) * 10_000).round().astype("int64"),
        }
    )
    return {"bought": lines}


def _read_journey(path: Path) -> Frames:
    table = pd.read_csv(path).drop_duplicates()
    lines = pd.DataFrame(
        {
            "customer": table.household_id.astype(str),
            "ts": epoch_ms(pd.to_datetime(table.transaction_timestamp)),
            "order": table.basket_id.astype(str),
            "quantity": table.quantity.clip(lower=1).astype(int),
            "units": (table.sales_value * 10_000).round().astype("int64"),
            "off": (table[DISCOUNTS].sum(axis=1) * 10_000).round().astype("int64"),
            "coupon": table.coupon_disc > 0,
            "item": table.product_id.astype(str),
            "category": table.product_category,
            "brand": table.brand,
        }
    )
    return {"bought": lines}


def _read_households(path: Path) -> Frames:
    table = pd.read_csv(path, dtype=str)
    names = ["age", "income", "marital_status", "household_size"]
    start = pd.Timestamp("2017-01-01").value // 10**6
    return {"stated": table[names].assign(customer=table.household_id, ts=start)}


def _read_tmall(path: Path) -> Frames:
    table = pd.read_csv(path, dtype={"user_id": str, "brand_id": str})
    at = pd.to_datetime("2013-" + table.visit_datetime, format="%Y-%m-%d")
    rows = pd.DataFrame(
        {"customer": table.user_id, "ts": epoch_ms(at), "brand": table.brand_id, "quantity": 1}
    )
    buys = table.type == 1
    looks = rows[~buys].assign(action=table.type.map(ACTIONS))
    return {"bought": rows[buys].assign(order=rows.ts.astype(str)), "looked": looks}


def _read_reviews(path: Path) -> Frames:
    table = pd.read_json(path, lines=True, dtype={"reviewerID": str})
    table = table[~table.astype(str).duplicated()]
    rows = pd.DataFrame(
        {
            "customer": table.reviewerID,
            "ts": table.unixReviewTime * 1000,
            "rating": table.overall,
            "text": table.reviewText.str.strip().replace("", None),
        }
    )
    return {"said": rows}


def _month_day(line: str) -> str:
    month, day = line.rsplit(",", 1)[1].split("-")
    return f"{int(month):02}{int(day):02}"


def lines_of_users(order: Callable[[str], str] | None) -> Write:
    return _texts(lambda line: line.split(",")[0], order, head=1)


CDNOW = Table(
    "cdnow_sample.txt.gz", "cdnow", "USD", 8,
    _texts(lambda line: line.split()[0], lambda line: line.split()[2]), _read_cdnow,
)  # fmt: skip
TABLES = [
    Table("online_retail.parquet", "online_retail", "GBP", 20, _write_retail, _read_retail),
    CDNOW,
    Table(
        "completejourney.csv.gz", "completejourney", "USD", 16,
        _texts(lambda line: line.split(",")[0], lambda line: line.split(",")[10], head=1),
        _read_journey,
    ),
    Table(
        "completejourney_demographics.csv.gz", "completejourney_demographics", "USD", 2,
        lines_of_users(None), _read_households,
    ),
    Table(
        "tmall2014.csv.gz", "tmall2014", "CNY", 8,
        lines_of_users(_month_day), _read_tmall,
    ),
    Table(
        "amazon_all_beauty.json.gz", "amazon_reviews", "USD", 1,
        _texts(lambda line: json.loads(line)["reviewerID"]), _read_reviews,
    ),
]  # fmt: skip
