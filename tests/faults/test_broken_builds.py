"""Workers that break a rule of the protocol are caught: the suite can fail."""

from pathlib import Path

import pytest

from tests.faults.kinds import FAULTS
from tests.faults.plan import Round
from tests.faults.run import Runner
from tests.faults.servers import Worlds

SESSION_SECONDS = 3.0
CAUGHT_BY = {
    "write_before_compare": "9/0/zombie_writes",  # frozen right before it writes a chunk
    "stale_siblings": "1/0/workers_back_to_a_backlog",
    "no_position_check": "1/0/batch_lost",
    "cache_before_write": "1/0/redis_full",
    "commit_first": "1/0/killed_at_write",
}
"""A round's seed, which ends in its fault, for each broken build; the honest one stands all."""


@pytest.mark.parametrize(("build", "seed"), CAUGHT_BY.items(), ids=CAUGHT_BY)
def test_a_broken_worker_is_caught(worlds: Worlds, tmp_path: Path, build: str, seed: str) -> None:
    name = seed.rpartition("/")[2]
    each = Round(0, FAULTS[name].kind, name, seed)
    with Runner(worlds, tmp_path, build=build, session_seconds=SESSION_SECONDS) as runner:
        differences = runner.run(each).differences
    assert [told for told in differences if not told.startswith("stuck")], differences
