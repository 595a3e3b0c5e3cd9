"""The `portrait` command of this environment, as a user starts it."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from streams.dead import DeadLetter

PORTRAIT = str(Path(sys.executable).with_name("portrait"))
SILENT = {"PORTRAIT_REFRESH_SECONDS": "0"}
"""Profiles then speak of their customers' latest events, however long a run takes."""

RUN_SECONDS = 300  # a bound, not an expectation

SCORES = (
    "segment", "churn.score", "churn.reasons", "propensity.score", "value.score", "next_category",
    "next_category.score", "scores.version",
    "review_at", "sentiment.score", "topics.name", "review.version",
    "rfm.r", "rfm.f", "rfm.m", "rfm.tier", "rfm.version",
)  # fmt: skip
"""Fields that depend on the models and on the population of the moment."""


class Run(NamedTuple):
    """A finished run: its summary, every public profile by customer, dead letters if asked for."""

    summary: dict[str, Any]
    profiles: dict[str, dict[str, str]]
    letters: Sequence[DeadLetter] = ()

    def facts(self) -> dict[str, dict[str, str]]:
        """The profiles without scores."""
        return self.facts_of(self.profiles)

    def facts_of(self, customers: Iterable[str]) -> dict[str, dict[str, str]]:
        """The profiles of some customers without scores."""
        return {
            customer: {
                name: text for name, text in self.profiles[customer].items() if name not in SCORES
            }
            for customer in customers
        }


class Command(NamedTuple):
    """A run under way, and where its output goes."""

    process: subprocess.Popen[bytes]
    directory: Path

    def result(self) -> Run:
        """Wait for the end of a run that must succeed."""
        code = self.process.wait(RUN_SECONDS)
        assert code == 0, (self.directory / "stderr").read_text()[-2000:]
        lines = (self.directory / "profiles.ndjson").read_bytes().splitlines()
        profiles = [orjson.loads(line) for line in lines]
        return Run(
            json.loads((self.directory / "stdout").read_text()),
            {profile.pop("customer_id"): profile for profile in profiles},
        )


@contextlib.contextmanager
def started(source: Path, directory: Path) -> Iterator[Command]:
    """Run Online Retail, or rows like it; whatever happens, the command ends with the block."""
    arguments = ["run", str(source), "--mapping", "online_retail", "--json"]
    arguments += ["--export", str(directory / "profiles.ndjson")]
    with (directory / "stdout").open("wb") as out, (directory / "stderr").open("wb") as err:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [PORTRAIT, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=os.environ | SILENT,
        )
        try:
            yield Command(process, directory)
        finally:
            process.kill()
            process.wait()


def portrait_run(source: Path, directory: Path) -> Run:
    """Run a source to its end."""
    with started(source, directory) as command:
        return command.result()
