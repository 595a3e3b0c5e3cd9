"""A standard output that takes no more is told in a line, or not at all where nobody reads."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import environment
from tests.journey.command import PORTRAIT

FULL = Path("/dev/full")
COMMANDS = [["mapping", "list"], ["run", "--help"], ["mapping", "show", "cdnow"]]
END_SECONDS = 60  # a bound, not an expectation


def answer(command: list[str], output: int, **variables: str) -> tuple[int, str]:
    """Exit code and standard error of a command that prints to `output`."""
    done = subprocess.run(  # noqa: S603 - our own command
        [PORTRAIT, *command],
        env=environment() | variables,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=END_SECONDS,
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
@pytest.mark.parametrize("variables", [{}, {"PYTHONUNBUFFERED": "1"}])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_told_in_a_line(command: list[str], variables: dict[str, str]) -> None:
    with FULL.open("wb") as full:
        code, said = answer(command, full.fileno(), **variables)
    assert code == 1
    assert said == (
        "portrait: standard output cannot be written (error='No space left on device')\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_where_nobody_reads_on_nothing_is_said(command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert answer(command, writer) == (1, "")
    finally:
        os.close(writer)


def test_what_the_encoding_has_not_is_written_as_an_escape(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    with shown.open("wb") as output:
        assert answer(["doctor"], output.fileno(), PYTHONIOENCODING="ascii") == (3, "")
    assert b"\\u2713" in shown.read_bytes()
