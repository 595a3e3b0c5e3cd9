"""The masters of a Redis Cluster: a script for many keys goes once to each that serves some.

redis-py's own routing is passed by on purpose. It follows a redirection silently, whereas here an
answer must come from the very server that it is taken for; and it sends a script for the keys of
one slot, whereas one call a slot costs many times one call a master
(docs/decisions/cluster-marks.md).
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from functools import cache
from hashlib import sha1
from typing import Any, NamedTuple, TypeVar

from redis.asyncio import RedisCluster
from redis.exceptions import (
    ClusterDownError,
    NoScriptError,
    RedisClusterException,
    RedisError,
)

from profiles.errors import StoreMovedError
from profiles.stores.scripts import SCANNED, source
from profiles.stores.slots import Layout

T = TypeVar("T")


class Script(NamedTuple):
    """A script that takes its keys undeclared, as those of a cluster's other slots must be."""

    text: str
    sha: str

    @staticmethod
    @cache
    def of(text: str) -> "Script":
        """Make one of a script with declared keys."""
        text = source("keys.lua") + text
        return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class Masters:
    """Sends scripts to masters; where a server fails, the layout is looked up before it raises.

    Every method may raise `redis.RedisError`: the layout may be another then, so trying again,
    from the grouping of keys on, is what helps.
    """

    def __init__(self, client: RedisCluster) -> None:
        self._client = client
        self._layout: Layout | None = None

    async def layout(self) -> Layout:
        """Return the layout as last looked up."""
        return self._layout or await self.refresh()

    async def refresh(self) -> Layout:
        """Look up which master serves what, now."""
        manager = self._client.nodes_manager
        try:
            await self._client.initialize()
            await manager.initialize()
        except RedisClusterException as error:  # which is no RedisError
            raise ClusterDownError(str(error)) from error
        self._layout = Layout.of(
            {slot: nodes[0].name for slot, nodes in manager.slots_cache.items()}
        )
        return self._layout

    async def call(
        self, master: str, script: Script, keys: Sequence[bytes], args: Sequence[bytes] = ()
    ) -> Any:
        """Run a script on one master, all of whose `keys` it must serve."""
        arguments = (0, len(keys), *keys, *args)
        try:
            return await self._send(master, "EVALSHA", script.sha, *arguments)
        except NoScriptError:  # a new server, or SCRIPT FLUSH
            return await self._send(master, "EVAL", script.text, *arguments)

    async def each(
        self, script: str, keys: Sequence[bytes], most: int
    ) -> list[tuple[Sequence[int], Any]]:
        """Run a script for at most `most` keys at a time; return (places of its keys, answer)."""
        ready, layout = Script.of(script), await self.layout()
        groups: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            groups.setdefault(layout.master_of(key), []).append(place)
        calls = [
            (master, places[start : start + most])
            for master, places in groups.items()
            for start in range(0, len(places), most)
        ]
        answers = await together(
            self.call(master, ready, [keys[place] for place in places]) for master, places in calls
        )
        return list(zip([places for _, places in calls], answers, strict=True))

    async def scan(self, pattern: str) -> AsyncIterator[list[bytes]]:
        """Walk over all keys of a pattern; one that changes its master meanwhile may be missed."""
        for master, _ in (await self.layout()).served:
            cursor = 0
            while True:
                arguments = (cursor, "MATCH", pattern, "COUNT", SCANNED)
                cursor, keys = await self._send(master, "SCAN", *arguments)
                yield keys
                if not cursor:
                    break

    async def _send(self, master: str, *command: Any) -> Any:
        node: Any = self._client.get_node(node_name=master)
        try:
            if node is None:
                raise ClusterDownError(f"{master} is no longer part of the cluster")
            return await node.execute_command(*command)
        except NoScriptError:
            raise
        except RedisError:
            await self.refresh()
            raise


async def together(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all, then raise the first error, one that says the store moved before others."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in sorted(errors, key=lambda error: not isinstance(error, StoreMovedError)):
        raise error
    return [result for result in results if not isinstance(result, BaseException)]
