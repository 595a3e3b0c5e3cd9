"""Servers that are away: how long callers wait for them, and one log line for each change."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from traceback import clear_frames
from typing import TYPE_CHECKING, TypeVar

import structlog
from aiokafka.errors import KafkaError as KafkaClientError
from confluent_kafka import KafkaError, KafkaException

from profiles.errors import REDIS_ERRORS
from streams.outbox import NotAcknowledgedError
from streams.topics import MissingTopicsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    T = TypeVar("T")

log = structlog.get_logger()

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 5.0

SERVER_ERRORS = (
    *REDIS_ERRORS,
    KafkaException,
    KafkaClientError,
    NotAcknowledgedError,
    MissingTopicsError,
    OSError,
)
"""A server is away, or refuses for now: what was asked is asked again."""


@dataclass(slots=True)
class Outage:
    """One server that is away: since when, when it last failed (s, monotonic), and who waits."""

    since: float
    failed_at: float
    waiting: set[Patience] = field(default_factory=set)


class Outages:
    """The servers that callers of this process are waiting for.

    An outage begins with the first caller that fails and ends when the last one has succeeded, so
    however many wait, and however often they try, there are two log lines.
    """

    def __init__(
        self,
        addresses: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._addresses = addresses or {}
        self._clock = clock
        self._outages: dict[str, Outage] = {}

    def away(self) -> dict[str, float]:
        """Return for each server that is away how long it has been so (s)."""
        return {server: self._clock() - each.since for server, each in self._outages.items()}

    def failed_lately(self, seconds: float) -> bool:
        """Tell whether a server has failed within that time: who waits tries again and again."""
        now = self._clock()
        return any(now - each.failed_at <= seconds for each in self._outages.values())

    def begin(self, server: str, caller: Patience, error: Exception) -> None:
        """Note that a caller has to wait for a server."""
        now = self._clock()
        if server not in self._outages:
            self._outages[server] = Outage(now, now)
            where = {"at": self._addresses[server]} if server in self._addresses else {}
            log.warning(f"{server} away, trying until it is back", **where, error=text_of(error))
        outage = self._outages[server]
        outage.failed_at = now
        outage.waiting.add(caller)

    def end(self, server: str, caller: Patience, *, answered: bool) -> None:
        """Note that a caller waits no more: it got an answer, or gave up."""
        outage = self._outages[server]
        outage.waiting.discard(caller)
        if not outage.waiting:
            del self._outages[server]
            if answered:
                seconds = self._clock() - outage.since
                log.warning(f"{server} back after {seconds:.1f} s")


class Patience:
    """One caller's waits: each twice as long as the one before, up to a bound, until an answer."""

    def __init__(self, outages: Outages) -> None:
        self._outages = outages
        self._servers: set[str] = set()
        self._delay = FIRST_SECONDS

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Attempt until it succeeds; errors that are no server's are raised."""
        try:
            while True:
                try:
                    answer = await attempt()
                except SERVER_ERRORS as error:
                    await asyncio.sleep(self.failed(error))
                else:
                    self.succeeded()
                    return answer
        finally:
            self._stop_waiting(answered=False)

    def failed(self, error: Exception) -> float:
        """Note a failure; return how long to wait before the next attempt (s).

        What the failed attempt held is let go: errors of redis-py are in cycles with the frames
        that raised them, and with a whole batch, until the collector looks at what is old.
        """
        clear_frames(error.__traceback__)
        server = server_of(error)
        self._servers.add(server)
        self._outages.begin(server, self, error)
        delay, self._delay = self._delay, min(2 * self._delay, LONGEST_SECONDS)
        return delay

    def succeeded(self) -> None:
        """Note an answer: the servers that were waited for are back."""
        self._stop_waiting(answered=True)
        self._delay = FIRST_SECONDS

    def _stop_waiting(self, *, answered: bool) -> None:
        while self._servers:
            self._outages.end(self._servers.pop(), self, answered=answered)


def text_of(error: Exception) -> str:
    """Return what an error says; librdkafka's holds another error, with more than that."""
    inner = error.args[0] if error.args else None
    return inner.str() if isinstance(inner, KafkaError) else str(error) or repr(error)


def server_of(error: Exception) -> str:
    """Return which server an error speaks of.

    A disk is as good as one: what cannot be written to a file, full or read-only, is tried again.

    >>> from redis import RedisError
    >>> server_of(ConnectionRefusedError()), server_of(RedisError())
    ('server', 'redis')
    >>> server_of(OSError(28, "No space left on device", "/models/snapshot"))
    'disk'
    """
    if isinstance(error, REDIS_ERRORS):
        return "redis"
    if isinstance(error, OSError):
        return "server" if error.filename is None else "disk"
    return "topics" if isinstance(error, MissingTopicsError) else "kafka"
