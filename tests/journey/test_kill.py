"""Processes killed in the middle of their work: nothing is lost, nothing counts twice."""

import random
import time
from pathlib import Path

import psutil
import pytest

from tests.journey.command import Command, Run, started
from tests.journey.compare import differences

WORKER_KILLS, LEARNER_KILLS = 20, 4
LIFE_SECONDS = {"worker": (0.4, 3.2), "learner": (2.0, 6.0)}
"""How long a process lives before it is killed: from its start-up to the midst of its work."""

POLL_SECONDS = 0.01


class Killer:
    """Kills the processes of one role, each at a random age, until it has killed enough."""

    def __init__(self, role: str, kills: int, seed: int) -> None:
        self.left = kills
        self.killed: set[int] = set()
        self._role = role
        self._random = random.Random(seed)
        self._age = self._random.uniform(*LIFE_SECONDS[role])

    def look(self, command: psutil.Process) -> None:
        """Kill the role's process if its time has come."""
        for child in command.children():
            if self.left and child.pid not in self.killed and self._is_due(child):
                child.kill()
                self.killed.add(child.pid)
                self.left -= 1
                self._age = self._random.uniform(*LIFE_SECONDS[self._role])

    def _is_due(self, child: psutil.Process) -> bool:
        try:
            ours = child.cmdline()[-2:] == ["streams.cli", self._role]
            return ours and time.time() - child.create_time() >= self._age
        except psutil.Error:  # it has just ended
            return False


def disturb(command: Command, killers: list[Killer]) -> None:
    """Let the killers look until the command ends."""
    process = psutil.Process(command.process.pid)
    while command.process.poll() is None and any(killer.left for killer in killers):
        for killer in killers:
            killer.look(process)
        time.sleep(POLL_SECONDS)


@pytest.fixture(scope="module")
def killed(online_retail: Path, undisturbed: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run, with `kill -9` again and again."""
    with started(online_retail, tmp_path_factory.mktemp("killed")) as command:
        disturb(command, [Killer("worker", WORKER_KILLS, 1), Killer("learner", LEARNER_KILLS, 2)])
        return command.result()


def test_every_kill_hit(killed: Run) -> None:
    assert killed.summary["restarts"] == {"worker": WORKER_KILLS, "learner": LEARNER_KILLS}


def test_the_profiles_are_those_of_the_undisturbed_run(killed: Run, undisturbed: Run) -> None:
    assert len(killed.profiles) == len(undisturbed.profiles)
    assert differences(killed.facts(), undisturbed.facts()) == []


def test_the_accounts_are_those_of_the_undisturbed_run(killed: Run, undisturbed: Run) -> None:
    for name in ("events_read", "accepted", "duplicates", "customers", "rejected_by_reason"):
        assert killed.summary[name] == undisturbed.summary[name], name


def test_each_example_is_learnt_once(killed: Run, undisturbed: Run) -> None:
    assert examples(killed) == examples(undisturbed)


def examples(run: Run) -> dict[str, int]:
    return {task: metrics["n_examples"] for task, metrics in run.summary["models"].items()}
