"""Events that come late, within the hour that is promised, change no fact."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from profiles.sections.purchase import TOP_PRODUCTS
from tests.journey.command import Run, portrait_run
from tests.journey.compare import Profiles, differences

SEED = 4
LATENESS = np.timedelta64(1, "h")


@pytest.fixture(scope="module")
def table(online_retail: Path) -> pd.DataFrame:
    return pd.read_parquet(online_retail)


@pytest.fixture(scope="module")
def shuffled(
    table: pd.DataFrame, undisturbed: Run, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The same rows, each up to an hour of event time out of order."""
    directory = tmp_path_factory.mktemp("shuffled")
    late = np.random.default_rng(SEED).random(len(table)) * LATENESS.astype("timedelta64[ns]")
    order = np.argsort(table.InvoiceDate.to_numpy() + late, kind="stable")
    assert (np.diff(order) < 0).sum() > len(table) // 4  # it is out of order indeed
    source = directory / "shuffled.parquet"
    table.iloc[order].to_parquet(source, index=False)
    return portrait_run(source, directory)


def with_exact_tastes(facts: Profiles, table: pd.DataFrame) -> Profiles:
    """Leave out the top items of those who bought more kinds of items than are kept."""
    kinds = table.dropna(subset="CustomerID").groupby("CustomerID").StockCode.nunique()
    many = {str(int(number)) for number in kinds.index[kinds > TOP_PRODUCTS]}
    return {
        customer: {
            name: text
            for name, text in profile.items()
            if customer not in many or not name.startswith("top_item")
        }
        for customer, profile in facts.items()
    }


def test_the_profiles_are_the_same(shuffled: Run, undisturbed: Run, table: pd.DataFrame) -> None:
    found = with_exact_tastes(shuffled.facts(), table)
    assert differences(found, with_exact_tastes(undisturbed.facts(), table)) == []


def test_the_accounts_are_the_same(shuffled: Run, undisturbed: Run) -> None:
    for name in ("events_read", "accepted", "duplicates", "customers", "rejected_by_reason"):
        assert shuffled.summary[name] == undisturbed.summary[name], name
