"""Run one app as a service: wait for Kafka, serve, watch, and end in time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from confluent_kafka import Producer

from profiles.stores.client import connect
from streams.patience import Outages, Patience
from streams.service import EXIT_STUCK
from streams.service.health import health_server
from streams.service.library_log import hold_library_log
from streams.service.pulse import Pulse
from streams.service.watchdog import Watchdog, positions_of
from streams.topics import require
from streams.transport.run import EXIT_CRASHED, serve, stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from profiles.settings import Settings
    from streams.transport import RecordBatchApp

    MakeApp = Callable[[Outages], Awaitable[RecordBatchApp]]

log = structlog.get_logger()

STOP_SECONDS = 9.0
"""How long an end may take; what is cut off then is done again by the next owner, exactly once."""

REQUEST_SECONDS = 1.0
REPORT_SECONDS = 15.0
"""Without progress for so long though there is something to read, a process is not ready."""


class Service:
    """One process: its app once there is one, and whatever it is waiting for."""

    def __init__(self, settings: Settings) -> None:
        self.outages = Outages({"kafka": settings.kafka, "redis": _place(settings.redis_url)})
        self.stop = asyncio.Event()
        self.code = 0
        self._settings = settings
        self._app: RecordBatchApp | None = None
        self._redis = connect(settings.redis_url)
        self._watchdog = Watchdog(settings.brokers, self._redis, self.outages, self._settle_log)
        self._library_log = hold_library_log()

    async def run(self, make_app: MakeApp, topics: Sequence[str]) -> int:
        """Serve once there are the topics, until stopped, crashed or stuck; return the exit code.

        Raises AppCrashedError when the app ends by itself.
        """
        stop_on_signals(self.stop)
        settings = self._settings
        ending = asyncio.create_task(self._end_in_time())
        pulse = asyncio.create_task(Pulse(settings.stuck_seconds, _leave_stuck).beat())
        async with health_server(settings.health_address, settings.health_port, self.reasons):
            making = asyncio.create_task(self._make(make_app, topics))
            await _first(making, self.stop)
            if not self.stop.is_set():
                self._app = await making
                await self._serve(self._app)
        ending.cancel()
        pulse.cancel()
        await self._redis.aclose()
        return self.code

    def reasons(self) -> list[str]:
        """Return why this process is not ready; nothing where it is."""
        why_not = [f"{name} away for {s:.0f} s" for name, s in self.outages.away().items()]
        if self.stop.is_set():
            why_not.append("stopping")
        if self._app is None:
            return [*why_not, "starting"]
        positions = positions_of(self._app)
        if positions is None:
            return [*why_not, "joining the group"]
        unplaced = [f"{tp.topic}/{tp.partition}" for tp, at in positions.items() if at is None]
        if unplaced:
            why_not.append(f"no position yet: {', '.join(sorted(unplaced))}")
        stuck = self._watchdog.watch.stuck(REPORT_SECONDS)
        return why_not + [f"no progress in {name} for {s:.0f} s" for name, s in stuck.items()]

    async def _make(self, make_app: MakeApp, topics: Sequence[str]) -> RecordBatchApp:
        """Wait for Kafka and the topics: Faust's client gives up when it starts without the one.

        For the others it would ask thousands of times a second, and pass for ready.
        """
        client = Producer({"bootstrap.servers": self._settings.kafka, "log_level": 2})
        ask = partial(asyncio.to_thread, client.list_topics, timeout=REQUEST_SECONDS)
        patience = Patience(self.outages)
        await patience.insist(ask)
        look = partial(asyncio.to_thread, require, client, topics, REQUEST_SECONDS)
        await patience.insist(look)
        return await make_app(self.outages)

    async def _serve(self, app: RecordBatchApp) -> None:
        watching = asyncio.create_task(self._watch(app))
        try:
            await serve(app, stop=self.stop)
        finally:
            watching.cancel()
            self._settle_log()

    def _settle_log(self) -> None:
        self._library_log.settle(kafka_away="kafka" in self.outages.away())

    async def _watch(self, app: RecordBatchApp) -> None:
        await self._watchdog.until_stuck(app, self._settings.stuck_seconds)
        self.code = EXIT_STUCK
        self.stop.set()

    async def _end_in_time(self) -> None:
        """Bound the end from its beginning on, whatever client or thread holds it up."""
        await self.stop.wait()
        timer = threading.Timer(STOP_SECONDS, self._leave)
        timer.daemon = True
        timer.start()

    def _leave(self) -> None:
        log.warning("left without finishing: what was under work is done again, once")
        crashed = self._app is not None and self._app.crashed
        os._exit(EXIT_CRASHED if crashed else self.code)


def _leave_stuck() -> None:
    os._exit(EXIT_STUCK)


def _place(url: str) -> str:
    """Return a URL's server without user and password, which are not for logs.

    >>> _place("rediss://:secret@cache:6380/2")
    'cache:6380'
    """
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path


async def _first(task: asyncio.Task[RecordBatchApp], stop: asyncio.Event) -> None:
    """Wait for the task or for a stop, which cancels it."""
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if stop.is_set():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
