"""One server as `Masters` are several: scripts for many keys, and a walk over all keys."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import Redis

from profiles.stores.scripts import SCANNED


class OneServer:
    """A server that has all keys; every method may raise `redis.RedisError`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def each(
        self, script: str, keys: Sequence[bytes], most: int
    ) -> list[tuple[Sequence[int], Any]]:
        """Run a script for at most `most` keys at a time; return (places of its keys, answer)."""
        run = self._client.register_script(script)
        places = [range(len(keys))[start : start + most] for start in range(0, len(keys), most)]
        return [(chunk, await run(keys=[keys[place] for place in chunk])) for chunk in places]

    async def scan(self, pattern: str) -> AsyncIterator[list[bytes]]:
        """Walk over all keys of a pattern."""
        cursor = 0
        while True:
            found: Any = await self._client.scan(cursor, pattern, SCANNED)
            cursor, keys = found
            yield keys
            if not cursor:
                return
