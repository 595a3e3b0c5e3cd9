"""While things break, every event counts once: a short round of faults, the long ones by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kinds import FAULTS
from tests.faults.plan import Round
from tests.faults.run import Runner
from tests.faults.servers import Worlds

SEED = 4
SESSION_SECONDS = 3.0
SHORT = (
    "killed_at_steps",
    "zombie_writes",
    "redis_older",
    "dead_letters_refused",
    "customers_in_two_partitions",
    "learner_killed",
)


@pytest.fixture(scope="module")
def runner(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    directory: Path = tmp_path_factory.mktemp("short")
    with Runner(worlds, directory, session_seconds=SESSION_SECONDS) as runner:
        yield runner


@pytest.mark.parametrize("name", SHORT)
def test_every_event_counts_once_whatever_breaks(runner: Runner, name: str) -> None:
    number = SHORT.index(name)
    result = runner.run(Round(number, FAULTS[name].kind, name, f"{SEED}/{number}/{name}"))
    assert result.differences == [], result
