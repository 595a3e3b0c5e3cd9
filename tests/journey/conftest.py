"""One undisturbed run of the real command on real orders, which the other journeys are held to."""

from pathlib import Path

import pytest

from tests.journey.command import Run, portrait_run


@pytest.fixture(scope="session")
def online_retail(data: Path) -> Path:
    """A year of a wholesaler's order lines."""
    path = data / "online_retail.parquet"
    if not path.is_file():
        pytest.skip("needs online_retail.parquet in ../shared/data")
    return path


@pytest.fixture(scope="session")
def undisturbed(
    online_retail: Path, redis_server: object, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The whole file, once; without a Redis to embed it is skipped."""
    return portrait_run(online_retail, tmp_path_factory.mktemp("undisturbed"))
