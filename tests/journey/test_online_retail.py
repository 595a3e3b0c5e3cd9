"""`portrait run` on a whole year of real orders, against pandas that knows nothing of it."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.journey.command import Run

ROWS, CUSTOMERS, WITHOUT_CUSTOMER = 541_909, 4_372, 135_080
WORKER_MIB = 500

Expected = dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def rows(online_retail: Path) -> pd.DataFrame:
    """The table with exact amounts; NaN is no customer."""
    table = pd.read_parquet(online_retail)
    returned = (table.Quantity < 0) | table.InvoiceNo.astype(str).str.startswith("C")
    prices = [Decimal(str(price)) for price in table.UnitPrice]
    amounts = [p * abs(int(q)) for p, q in zip(prices, table.Quantity, strict=True)]
    return table.assign(returned=returned, amount=amounts)


@pytest.fixture(scope="module")
def expected(rows: pd.DataFrame) -> Expected:
    """Each customer's facts; exact duplicates count once."""
    known = rows.dropna(subset="CustomerID").drop_duplicates()
    events = known.CustomerID.value_counts()
    customers: Expected = {str(int(number)): {"events": n} for number, n in events.items()}
    for number, lines in known[~known.returned].groupby("CustomerID"):
        customers[str(int(number))] |= purchases(lines)
    for number, lines in known[known.returned].groupby("CustomerID"):
        customers[str(int(number))] |= returns(lines)
    return customers


def purchases(lines: pd.DataFrame) -> dict[str, object]:
    return {
        "items": int(lines.Quantity.sum()),
        "orders": lines.InvoiceNo.nunique(),
        "revenue": sum(lines.amount),
        "last_purchase": lines.InvoiceDate.max(),
    }


def returns(lines: pd.DataFrame) -> dict[str, object]:
    return {
        "returns": len(lines),
        "refunds": sum(lines.amount),
    }


def read(name: str, text: str) -> object:
    """A public field as what pandas computes."""
    if name == "last_purchase":
        return pd.Timestamp(text.removesuffix("Z"))
    return Decimal(text) if name in ("revenue", "refunds") else int(text)


FACTS = (
    "events", "items", "orders", "revenue", "last_purchase", "returns", "refunds",
)  # fmt: skip


def test_every_customer_is_what_pandas_says(undisturbed: Run, expected: Expected) -> None:
    found = {
        customer: {name: read(name, profile[name]) for name in FACTS if name in profile}
        for customer, profile in undisturbed.profiles.items()
    }
    assert len(found) == CUSTOMERS
    assert found == expected


def test_every_row_is_accounted_for(undisturbed: Run, rows: pd.DataFrame) -> None:
    summary = undisturbed.summary
    duplicates = int(rows.dropna(subset="CustomerID").duplicated().sum())
    assert summary["events_read"] == ROWS
    assert summary["duplicates"] == duplicates
    assert summary["accepted"] == ROWS - WITHOUT_CUSTOMER - duplicates
    assert summary["customers"] == CUSTOMERS


def test_rows_without_a_customer_are_dead_letters_with_their_reason(undisturbed: Run) -> None:
    assert undisturbed.summary["rejected"] == WITHOUT_CUSTOMER
    assert undisturbed.summary["rejected_by_reason"] == {"customer_id: missing": WITHOUT_CUSTOMER}


def test_an_undisturbed_run_restarts_nothing(undisturbed: Run) -> None:
    assert undisturbed.summary["restarts"] == {"worker": 0, "learner": 0}


def test_the_worker_stays_small(undisturbed: Run) -> None:
    print(f"{undisturbed.summary['events_per_second']:,} events/s")
    assert undisturbed.summary["worker_peak_mib"] < WORKER_MIB


def test_churn_knows_more_than_recency_alone(undisturbed: Run) -> None:
    churn = undisturbed.summary["models"]["churn"]
    assert churn["auc"] > churn["auc_rule"] + churn["auc_error"]
