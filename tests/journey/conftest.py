"""One undisturbed run of the real command on real orders, and a part of them for other places."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.journey.command import Run, portrait_run
from tests.journey.places import ALL, Place, place

PART = 25
"""One customer of so many is in the part of the orders that goes to every place."""


@pytest.fixture(scope="session")
def online_retail(data: Path) -> Path:
    """A year of a wholesaler's order lines."""
    path = data / "online_retail.parquet"
    if not path.is_file():
        pytest.skip("needs online_retail.parquet in ../shared/data")
    return path


@pytest.fixture(scope="session")
def table(online_retail: Path) -> pd.DataFrame:
    return pd.read_parquet(online_retail)


@pytest.fixture(scope="session")
def part(table: pd.DataFrame) -> pd.DataFrame:
    """All rows of some customers, by a hash; of rows without a customer those of some invoices."""
    owners = table.CustomerID.map("{:.0f}".format).where(
        table.CustomerID.notna(), table.InvoiceNo.astype(str)
    )
    chosen = {owner for owner in owners.unique() if zlib.crc32(owner.encode()) % PART == 0}
    return table[owners.isin(chosen)]


@pytest.fixture(scope="session")
def undisturbed(
    online_retail: Path, redis_server: object, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The whole file, once; without a Redis to embed it is skipped."""
    return portrait_run(online_retail, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="module", params=ALL)
def anywhere(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Every place, one after the other."""
    with place(request.param, request) as found:
        yield found
