"""Events that come late, within the hour that is promised, change no fact."""

import numpy as np
import pandas as pd
import pytest

from profiles.sections.purchase import TOP_PRODUCTS
from tests.journey.command import Run, portrait_run
from tests.journey.compare import Profiles, differences
from tests.journey.places import Place
from tests.journey.records import lines_of

SEED = 4
LATENESS = np.timedelta64(1, "h")


def late(table: pd.DataFrame) -> pd.DataFrame:
    """The same rows, each up to an hour of event time out of order."""
    lateness = np.random.default_rng(SEED).random(len(table)) * LATENESS.astype("timedelta64[ns]")
    order = np.argsort(table.InvoiceDate.to_numpy() + lateness, kind="stable")
    assert (np.diff(order) < 0).sum() > len(table) // 5  # it is out of order indeed
    return table.iloc[order]


@pytest.fixture(scope="module")
def shuffled(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All rows, through the command."""
    directory = tmp_path_factory.mktemp("shuffled")
    source = directory / "shuffled.parquet"
    late(table).to_parquet(source, index=False)
    return portrait_run(source, directory)


def with_exact_tastes(facts: Profiles, table: pd.DataFrame) -> Profiles:
    """Leave out top items and error of those who bought more kinds of items than are kept."""
    kinds = table.dropna(subset="CustomerID").groupby("CustomerID").StockCode.nunique()
    many = {str(int(number)) for number in kinds.index[kinds > TOP_PRODUCTS]}
    return {
        customer: {
            name: text
            for name, text in profile.items()
            if customer not in many or not name.startswith(("top_item", "tastes.error"))
        }
        for customer, profile in facts.items()
    }


def test_the_profiles_are_the_same(shuffled: Run, undisturbed: Run, table: pd.DataFrame) -> None:
    found = with_exact_tastes(shuffled.facts(), table)
    assert differences(found, with_exact_tastes(undisturbed.facts(), table)) == []


def test_the_accounts_are_the_same(shuffled: Run, undisturbed: Run) -> None:
    for name in ("events_read", "accepted", "duplicates", "customers", "rejected_by_reason"):
        assert shuffled.summary[name] == undisturbed.summary[name], name


def test_a_part_gives_the_same_profiles_everywhere(
    anywhere: Place,
    part: pd.DataFrame,
    table: pd.DataFrame,
    undisturbed: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = anywhere(lines_of(late(part), tmp_path_factory)).facts()
    assert len(found) == part.CustomerID.nunique()
    ordered = undisturbed.facts_of(found)
    assert differences(with_exact_tastes(found, table), with_exact_tastes(ordered, table)) == []
