"""Work that any worker may do and one does, now and then, for a small share of its time."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from profiles.errors import REDIS_ERRORS
from profiles.stores.client import Client

LEASE_SECONDS = 120.0
"""A worker that dies at it holds the others up for so long."""

REST = 20
"""Work that took n seconds is followed by at least 20 n without: about 5 % of the time."""


class Turns:
    """Whose turn it is, a key decides: whoever sets it works, and it ends by itself."""

    def __init__(self, client: Client, key: str, every_seconds: float) -> None:
        self._client = client
        self._key = key
        self._every_seconds = every_seconds

    async def work(self, job: Callable[[], Awaitable[None]]) -> None:
        """Do the job if it is due and nobody else is at it; may raise `REDIS_ERRORS`."""
        if not self._every_seconds or not await self._take():
            return
        began = time.monotonic()
        renewing = asyncio.create_task(self._renew())
        try:
            await job()
        finally:
            renewing.cancel()
        rest = max(self._every_seconds, REST * (time.monotonic() - began))
        await self._client.pexpire(self._key, int(rest * 1000))

    async def _take(self) -> bool:
        lifetime = int(LEASE_SECONDS * 1000)
        return bool(await self._client.set(self._key, b"", nx=True, px=lifetime))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 4)
            with contextlib.suppress(*REDIS_ERRORS):  # the job hears of it, or the next renewal
                await self._client.expire(self._key, int(LEASE_SECONDS))
