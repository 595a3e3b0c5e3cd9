"""Workers that break a rule of the protocol are caught: the suite can fail."""

from pathlib import Path

import pytest

from tests.faults.kinds import FAULTS
from tests.faults.plan import Round
from tests.faults.run import Runner
from tests.faults.servers import Worlds

SESSION_SECONDS = 3.0
SEED = 1
CAUGHT_BY = {
    "write_before_compare": "zombie_writes",
    "stale_siblings": "workers_back_to_a_backlog",
    "no_position_check": "batch_lost",
    "cache_before_write": "redis_full",
    "commit_first": "killed_at_write",
}
"""A fault for each broken build; the honest one stands all of them."""


@pytest.mark.parametrize(("build", "name"), CAUGHT_BY.items(), ids=CAUGHT_BY)
def test_a_broken_worker_is_caught(worlds: Worlds, tmp_path: Path, build: str, name: str) -> None:
    each = Round(0, FAULTS[name].kind, name, f"{SEED}/0/{name}")
    with Runner(worlds, tmp_path, build=build, session_seconds=SESSION_SECONDS) as runner:
        differences = runner.run(each).differences
    assert [told for told in differences if not told.startswith("stuck")], differences
