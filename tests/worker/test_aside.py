"""A copy of the process that computes, and pieces that travel."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import pieces as cutting
from streams.learn.aside import AsideError, aside
from streams.pieces import Assembly, pieces

LARGE = 3_000_000
END_SECONDS = 30  # a bound, not an expectation

KILLED = f"""
import asyncio, os, signal
from streams.learn.aside import aside

def work():
    os.kill(os.getppid(), signal.SIGKILL)
    return bytes({LARGE})

asyncio.run(aside(work))
"""


async def test_the_copy_sees_what_was_when_it_began() -> None:
    held = [b"before"]
    work = aside(lambda: held[0] * LARGE)
    answer = await work
    held[0] = b"after"
    assert answer == b"before" * LARGE


async def test_the_copy_is_another_process() -> None:
    assert int(await aside(lambda: str(os.getpid()).encode())) != os.getpid()


async def test_a_copy_that_fails_or_is_killed_is_an_error(capfd: pytest.CaptureFixture) -> None:
    with pytest.raises(AsideError):
        await aside(lambda: [][0])
    assert "IndexError" in capfd.readouterr().err
    with pytest.raises(AsideError):
        await aside(lambda: os.kill(os.getpid(), 9))


def test_a_copy_ends_with_the_process_that_was_to_read_it() -> None:
    """Else every killed learner could leave one behind, of its own size."""
    command = [sys.executable, "-c", KILLED]
    ended = subprocess.run(command, capture_output=True, timeout=END_SECONDS, check=False)  # noqa: S603 - our own code; returns once nobody has its output open
    assert ended.returncode == -signal.SIGKILL
    assert ended.stderr == b""


@given(st.binary(max_size=50), st.integers(0, 9))
def test_what_is_cut_is_put_together(record: bytes, turn: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "PIECE_BYTES", 7)
        cut = list(pieces(b"snapshot", record, 5, turn))
        assembly = Assembly(b"snapshot")
        *unfinished, last = [assembly.add(*piece) for piece in cut]
    assert set(unfinished) <= {None}
    assert last == record


def test_a_publication_that_broke_off_completes_nothing_and_the_next_does() -> None:
    first, second = (list(pieces(b"snapshot", bytes([n]) * 2_000_000, n, turn=n)) for n in (1, 2))
    assembly = Assembly(b"snapshot")
    others = [(b"scores/0/0", b"[1,0,1]\nx"), (b"snapshot/0/0", None), (None, b"x"),
              (b"snapshot/0/0", b"no head"), (b"snapshot/0/0", b'["a",0]\n')]  # fmt: skip
    assert [assembly.add(*piece) for piece in [*first[:-1], *others, *second[:-1]]] == [None] * 9
    assert assembly.add(*second[-1]) == b"\2" * 2_000_000


def test_two_publications_in_turn_share_no_key() -> None:
    first, second = ({piece.key for piece in pieces(b"k", b"", 1, turn)} for turn in (0, 1))
    assert not first & second
