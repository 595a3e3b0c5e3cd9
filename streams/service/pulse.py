"""Sees that the event loop turns, from a thread of its own: on the loop, nothing could."""

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable

import structlog

log = structlog.get_logger()

TICK_SECONDS = 5.0


class Pulse:
    """Counts for how long an event loop has stood still, and tells when that is too long.

    Seconds are counted as the thread lives them, not read off a clock: a process that was frozen
    is not to blame when it wakes up. The loop beats once a tick, so fewer than two tell nothing.
    """

    def __init__(self, seconds: float, on_still: Callable[[], None]) -> None:
        self._seconds = seconds and max(seconds, 2 * TICK_SECONDS)
        self._on_still = on_still
        self._still = 0.0
        self._ended = threading.Event()

    async def beat(self) -> None:
        """Have the loop that this runs on watched until cancelled; for 0 seconds nobody watches."""
        if self._seconds:
            watched = threading.get_ident()
            threading.Thread(target=self._watch, args=[watched], daemon=True).start()
        try:
            while True:
                self._still = 0.0
                await asyncio.sleep(TICK_SECONDS)
        finally:
            self._ended.set()

    def _watch(self, watched: int) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._still += TICK_SECONDS
            if self._still > self._seconds:
                stack = traceback.format_stack(sys._current_frames()[watched])
                log.error("stuck: the event loop stands still", stack="".join(stack))
                self._on_still()
                return
