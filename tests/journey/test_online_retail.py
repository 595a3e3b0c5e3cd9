"""A year of real orders against pandas that knows nothing of it.

All of it through `portrait run`, and a part on every broker and store.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import pandas as pd
import pytest

from tests.journey.command import Run
from tests.journey.compare import differences
from tests.journey.places import ALL, place
from tests.journey.records import lines_of

ROWS, CUSTOMERS, WITHOUT_CUSTOMER = 541_909, 4_372, 135_080
WORKER_MIB = 500

Expected = dict[str, dict[str, object]]


class Journey(NamedTuple):
    """A run, and the rows that went into it."""

    run: Run
    rows: pd.DataFrame


@pytest.fixture(scope="module", params=["portrait run", *ALL])
def journey(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Journey]:
    """The whole file through the command; at every other place a part of it."""
    if request.param == "portrait run":
        yield Journey(
            request.getfixturevalue("undisturbed"), exact(request.getfixturevalue("table"))
        )
        return
    part: pd.DataFrame = request.getfixturevalue("part")
    with place(request.param, request) as run:
        yield Journey(run(lines_of(part, tmp_path_factory)), exact(part))


def exact(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with exact amounts; NaN is no customer."""
    returned = (table.Quantity < 0) | table.InvoiceNo.astype(str).str.startswith("C")
    prices = [Decimal(str(price)) for price in table.UnitPrice]
    amounts = [p * abs(int(q)) for p, q in zip(prices, table.Quantity, strict=True)]
    return table.assign(returned=returned, amount=amounts)


@pytest.fixture(scope="module")
def expected(journey: Journey) -> Expected:
    """Each customer's facts; exact duplicates count once."""
    known = journey.rows.dropna(subset="CustomerID").drop_duplicates()
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


def test_the_whole_file_is_what_it_is_known_to_be(table: pd.DataFrame) -> None:
    assert len(table) == ROWS
    assert table.CustomerID.nunique() == CUSTOMERS
    assert table.CustomerID.isna().sum() == WITHOUT_CUSTOMER


def test_every_customer_is_what_pandas_says(journey: Journey, expected: Expected) -> None:
    found = {
        customer: {name: read(name, profile[name]) for name in FACTS if name in profile}
        for customer, profile in journey.run.profiles.items()
    }
    assert len(found) == journey.rows.CustomerID.nunique() > 100
    assert found == expected


def test_a_profile_is_the_same_wherever_it_is_made(journey: Journey, undisturbed: Run) -> None:
    """Whatever else travels with a customer's events, and on whatever servers."""
    found = journey.run.facts()
    assert differences(found, undisturbed.facts_of(found)) == []


def test_every_row_is_accounted_for(journey: Journey) -> None:
    summary, rows = journey.run.summary, journey.rows
    known = rows.dropna(subset="CustomerID")
    duplicates = int(known.duplicated().sum())
    assert duplicates > 0
    assert summary["events_read"] == len(rows)
    assert summary["duplicates"] == duplicates
    assert summary["accepted"] == len(known) - duplicates
    assert summary["customers"] == known.CustomerID.nunique()


def test_rows_without_a_customer_are_dead_letters_with_their_reason(journey: Journey) -> None:
    unknown = int(journey.rows.CustomerID.isna().sum())
    assert journey.run.summary["rejected"] == unknown > 0
    assert journey.run.summary["rejected_by_reason"] == {"customer_id: missing": unknown}


def test_an_undisturbed_run_restarts_nothing(journey: Journey) -> None:
    assert set(journey.run.summary["restarts"].values()) == {0}


def test_the_worker_stays_small(undisturbed: Run) -> None:
    print(f"{undisturbed.summary['events_per_second']:,} events/s")
    assert undisturbed.summary["worker_peak_mib"] < WORKER_MIB


def test_churn_knows_more_than_recency_alone(undisturbed: Run) -> None:
    churn = undisturbed.summary["models"]["churn"]
    assert churn["auc"] > churn["auc_rule"] + churn["auc_error"]
