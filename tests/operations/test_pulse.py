"""An event loop that stands still ends its process, since nothing on it could."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
from structlog.testing import capture_logs

from streams.service import EXIT_STUCK, pulse
from streams.service.pulse import Pulse

STUCK_SECONDS = 0.5

BLOCKED = """
import asyncio, threading
from profiles.settings import Settings
from streams.cli.logs import set_up_logging
from streams.service import pulse
from streams.service.serve import Service

async def blocks(self, make_app, topics):
    threading.Event().wait()

pulse.TICK_SECONDS = 0.1
Service._make = blocks
settings = Settings(stuck_seconds=0.5, health_port=0, log_format="json")
set_up_logging(settings)
asyncio.run(Service(settings).run(blocks, []))
"""


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "TICK_SECONDS", 0.01)


async def test_a_loop_that_stands_still_is_told_with_where_it_stands() -> None:
    told = threading.Event()
    beating = asyncio.create_task(Pulse(STUCK_SECONDS, told.set).beat())
    await asyncio.sleep(0.05)
    with capture_logs() as entries:
        blocked = told.wait(60)  # on the loop
    beating.cancel()
    assert blocked
    (entry,) = entries
    assert "blocked = told.wait(60)" in entry["stack"]


async def test_a_loop_that_turns_is_left_alone() -> None:
    told = threading.Event()
    beating = asyncio.create_task(Pulse(STUCK_SECONDS, told.set).beat())
    for _ in range(10):  # for longer than that in all
        await asyncio.sleep(STUCK_SECONDS / 5)
        time.sleep(STUCK_SECONDS / 20)  # busy, as with a large batch
    beating.cancel()
    assert not told.is_set()


async def test_a_setting_below_a_tick_leaves_a_loop_that_turns_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse, "TICK_SECONDS", 0.2)
    told = threading.Event()
    beating = asyncio.create_task(Pulse(0.01, told.set).beat())
    await asyncio.sleep(1)
    beating.cancel()
    assert not told.is_set()


async def test_for_zero_seconds_nobody_watches() -> None:
    told = threading.Event()
    beating = asyncio.create_task(Pulse(0, told.set).beat())
    await asyncio.sleep(0)
    time.sleep(STUCK_SECONDS)
    beating.cancel()
    assert not told.is_set()


def test_a_blocked_process_ends_as_one_that_is_stuck() -> None:
    ended = subprocess.run([sys.executable, "-c", BLOCKED], timeout=60, check=False)  # noqa: S603 - our own code
    assert ended.returncode == EXIT_STUCK
