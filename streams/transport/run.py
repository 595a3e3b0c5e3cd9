"""Run apps in this process until a signal, or until one of them ends by itself."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from typing import TYPE_CHECKING, Any

from streams.transport.driver import Consumer
from streams.transport.errors import AppCrashedError
from streams.transport.loops import new_event_loop

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    import faust

log = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
EXIT_CRASHED = 1
GC_THRESHOLDS = (200_000, 20, 10)  # new objects before a look at them; looks before an older one's
FINISH_SECONDS = 3.0  # for the batches under work; they are safe to cut off, only done twice then


def run_apps(*apps: faust.App) -> int:
    """Run until SIGTERM or SIGINT (returns 0), or until an app crashes (1; the log says why)."""

    async def run() -> int:
        await serve(*apps)
        return 0

    return run_until_crash(run())


def run_until_crash(run: Coroutine[Any, Any, int]) -> int:
    """Run to the end and return its exit code, or 1 where an app crashes (the log says why)."""
    _spare_the_collector()
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(run)
    except AppCrashedError as error:
        log.error("%s", error, exc_info=error.__cause__)
        return EXIT_CRASHED


def _spare_the_collector() -> None:
    """Look for cycles rarely: a batch is thousands of dictionaries, none of them in a cycle.

    With Python's own thresholds a quarter of a worker's time goes into walking over them.
    """
    gc.collect()
    gc.freeze()  # modules and classes stay for ever
    gc.set_threshold(*GC_THRESHOLDS)


async def serve(*apps: faust.App, stop: asyncio.Event | None = None) -> None:
    """Start the apps in order, wait for `stop` or a signal, and stop them in reverse order.

    The first signal stops, a second one ends the process at once. `stop` is set from the beginning
    of the end on, whatever its reason. Raises AppCrashedError, from the error that crashed it, when
    an app ends by itself.
    """
    stop = stop or asyncio.Event()
    started: list[faust.App] = []
    ends: list[asyncio.Future[None]] = []
    stop_on_signals(stop)
    try:
        for app in apps:
            started.append(app)
            await _start(app, stop)
        ends = [asyncio.ensure_future(app.wait_until_stopped()) for app in started]
        await _first(stop, ends)
    finally:
        stop.set()
        _off_signals()
        for app in reversed(started):
            await _stop(app)
        await asyncio.gather(*ends)
    for app in started:
        _raise_crash(app)


async def _start(app: faust.App, stop: asyncio.Event) -> None:
    """Start an app, or begin to: a stop does not wait for a Kafka that is away."""
    starting = asyncio.ensure_future(app.start())
    try:
        await _first(stop, [starting])
    finally:
        starting.cancel()
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await starting
    except Exception as error:
        raise AppCrashedError(f"app {app.conf.id} did not start: {error!r}") from error


async def _stop(app: faust.App) -> None:
    if not app.crashed and isinstance(app.consumer, Consumer):
        await app.consumer.finish(FINISH_SECONDS)
    await app.stop()
    if isinstance(app._consumer, Consumer):  # a crash ends its thread without waiting for it
        await app._consumer.ended()


async def _first(stop: asyncio.Event, ends: Sequence[asyncio.Future[None]]) -> None:
    asked = asyncio.ensure_future(stop.wait())
    waits: set[asyncio.Future[Any]] = {asked, *ends}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()


def _raise_crash(app: faust.App) -> None:
    if app.crashed:
        reason = app.crash_reason
        raise AppCrashedError(f"app {app.conf.id} crashed: {reason!r}") from reason


def stop_on_signals(stop: asyncio.Event) -> None:
    """Have the first SIGTERM or SIGINT set `stop`; a second one ends the process at once."""

    def first(number: signal.Signals) -> None:
        log.info("%s: draining", number.name)
        stop.set()
        _off_signals()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, first, number)


def _off_signals() -> None:
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)
