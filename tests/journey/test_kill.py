"""Processes killed in the middle of their work: nothing is lost, nothing counts twice."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest
from redis import Redis

from profiles.keyspace import Partition, mark_key, model_key
from profiles.store import Mark
from streams.embedded.broker import PARTITIONS
from tests.journey.command import Command, Run, started
from tests.journey.compare import differences
from tests.journey.places import Place
from tests.journey.records import lines_of

WORKER_KILLS, LEARNER_KILLS = 20, 4
KILLS = ("worker", "learner", "worker")  # of a part of the rows
WORK_SECONDS = 0.8
"""A process is killed within so much time after it has got on with its work."""

POLL_SECONDS = 0.005
WORKER_MARKS = [mark_key(Partition("purchase", number)) for number in range(PARTITIONS)]


def stored(redis: Redis) -> int:
    """Events behind the worker's resume marks."""
    return sum(Mark.decode(mark).position for mark in redis.mget(WORKER_MARKS) if mark)


def learnt(redis: Redis) -> int:
    """Examples behind the learner's newest snapshot."""
    return int(redis.hget(model_key("churn"), "position") or 0)


class Killer:
    """Kills one role's process at random points of its work, until it has killed enough."""

    def __init__(self, role: str, progress: Callable[[Redis], int], kills: int, seed: int) -> None:
        self.left = kills
        self._role = role
        self._progress = progress
        self._random = random.Random(seed)
        self._child: psutil.Process | None = None
        self._redis = Redis()
        self._before = 0
        self._due = 0.0

    def look(self, command: psutil.Process) -> None:
        """Kill the role's process if it has worked for the time it was given."""
        if self._child is None:
            self._find(command)
        elif self._progress(self._redis) == self._before:
            self._due = time.monotonic() + self._random.uniform(0, WORK_SECONDS)
        elif time.monotonic() >= self._due:
            self._child.kill()
            self._child.wait()
            self._child = None
            self.left -= 1

    def _find(self, command: psutil.Process) -> None:
        """Look for the process; its environment says where its Redis is."""
        for child in command.children():
            if child.status() != psutil.STATUS_ZOMBIE and self._role in child.cmdline()[-1:]:
                self._redis = Redis.from_url(child.environ()["PORTRAIT_REDIS_URL"])
                self._before = self._progress(self._redis)
                self._child = child


def disturb(command: Command, killers: list[Killer]) -> None:
    """Let the killers look until the command ends, or each has killed enough."""
    process = psutil.Process(command.process.pid)
    while command.process.poll() is None and any(killer.left for killer in killers):
        for killer in killers:
            if killer.left:
                killer.look(process)
        time.sleep(POLL_SECONDS)


@pytest.fixture(scope="module")
def killed(online_retail: Path, undisturbed: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run, with `kill -9` again and again."""
    with started(online_retail, tmp_path_factory.mktemp("killed")) as command:
        worker = Killer("worker", stored, WORKER_KILLS, seed=1)
        learner = Killer("learner", learnt, LEARNER_KILLS, seed=2)
        disturb(command, [worker, learner])
        return command.result()


def test_every_kill_hit_a_process_at_work(killed: Run) -> None:
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


def test_a_part_survives_kills_everywhere(
    anywhere: Place,
    part: pd.DataFrame,
    undisturbed: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = anywhere(lines_of(part, tmp_path_factory), KILLS)
    assert sum(run.summary["restarts"].values()) == len(KILLS)
    assert run.facts().keys() == {f"{number:.0f}" for number in part.CustomerID.dropna().unique()}
    expected = undisturbed.facts_of(run.profiles)
    assert differences(run.facts(), expected) == []
    known = part.dropna(subset="CustomerID")
    assert run.summary["duplicates"] == known.duplicated().sum()
    assert run.summary["rejected"] == len(part) - len(known)
