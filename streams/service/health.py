"""`/healthz` and `/readyz` on a port of their own; the answers hold no customer's data."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from schemas.errors import PortraitError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

log = structlog.get_logger()

READY, NOT_READY = 200, 503


class HealthPortError(PortraitError):
    """The health port cannot be had; evidence: `value`, `error`, `expected`."""


@contextlib.asynccontextmanager
async def health_server(
    address: str, port: int | None, reasons: Callable[[], list[str]]
) -> AsyncIterator[int | None]:
    """Answer probes as long as the block; yields the port, which for 0 the system has chosen.

    An answer of `/healthz` shows that the process lives and its event loop turns. `/readyz` says
    `{"ready": true, "reasons": []}`, or 503 and why not. Without a port nothing listens.

    Raises:
        HealthPortError: the port cannot be had.
    """
    if port is None:
        yield None
        return

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_request: web.Request) -> web.Response:
        why_not = reasons()
        body = {"ready": not why_not, "reasons": why_not}
        return web.json_response(body, status=NOT_READY if why_not else READY)

    application = web.Application()
    application.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        port = await _listen(runner, address, port)
        log.info("health", address=address, port=port)
        yield port
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: str, port: int) -> int:
    try:
        await web.TCPSite(runner, address, port).start()
    except OSError as error:
        raise HealthPortError(
            "no probes can be answered there",
            value=f"{address}:{port}",
            error=error.strerror or str(error),
            expected="an address of this machine in PORTRAIT_HEALTH_ADDRESS, and in "
            "PORTRAIT_HEALTH_PORT a port that nobody has",
        ) from error
    return int(runner.addresses[0][1])
