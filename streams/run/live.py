"""A synthetic shop, live: its simulated time runs fast until it has caught up with the clock."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from redis import Redis

from profiles.keyspace import PROFILE_PREFIX, customer_of
from profiles.reader import ProfileReader
from profiles.settings import Settings
from streams.feed import Feed
from streams.run.accounts import model_cards
from streams.run.source import Summary, check_accounts, summarize
from streams.run.stack import RunningStack
from streams.shop import Shop

DAY_MS = 86_400_000
DAYS_BACK = 730
"""The shop opens two simulated years ago, so that there is a past to catch up with."""

DAYS_PER_SECOND = 4.0
LOOK_SECONDS = 0.25
LINGER_MS = 20
WANTED = ("orders", "segment", "churn.score")
SAMPLE = 200
"""Random keys looked at for the shares of the segments."""


class Glance(NamedTuple):
    """What there is to see at one moment."""

    day_ms: int  # the shop's time
    redis_url: str
    sent: int
    stored: int
    per_second: float
    rejected: int
    segments: dict[str, int]
    models: dict[str, dict[str, Any]]
    customer: str
    profile: dict[str, str]


def run_shop(
    settings: Settings,
    *,
    seconds: float | None,
    customers: int,
    seed: int,
    stopped: Callable[[], bool],
    on_glance: Callable[[Glance], None],
) -> Summary:
    """Run the shop until `stopped` or for `seconds`, then let everything settle and sum up."""
    with RunningStack(settings) as stack:
        opened = int(time.time() * 1000) - DAYS_BACK * DAY_MS
        feed = Feed(stack.settings.brokers, "", stack.brake.add, LINGER_MS)
        viewer = _Viewer(stack)
        started = time.monotonic()
        shop = Shop(seed, customers, opened)
        shop_time = opened
        for shop_time in _clock(opened, started, seconds, stopped):
            for event in shop.events(shop_time):
                feed.send(event.kind, event.customer_id, event.payload)
            stack.processes.check()
            on_glance(viewer.look(shop_time))
        feed.flush()
        stack.brake.wait_until_done()
        summary = summarize(stack, time.monotonic() - started)
        on_glance(viewer.look(shop_time))
    check_accounts(summary)
    return summary


def _clock(
    opened: int, started: float, seconds: float | None, stopped: Callable[[], bool]
) -> Iterator[int]:
    """Yield the shop's time (ms) a few times a second."""
    while not stopped():
        elapsed = time.monotonic() - started
        if seconds is not None and elapsed >= seconds:
            return
        now = int(time.time() * 1000)
        yield min(now, opened + int(elapsed * DAYS_PER_SECOND * DAY_MS))
        time.sleep(LOOK_SECONDS)


class _Viewer:
    """Looks at the stack as any reader would: through Redis."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self._client: Any = Redis.from_url(stack.settings.redis_url, decode_responses=True)
        self._reader = ProfileReader(self._client)
        self._last = (time.monotonic(), 0)
        self._customer = ""

    def look(self, day_ms: int) -> Glance:
        stored = self._stack.progress.stored()
        now, (before, stored_before) = time.monotonic(), self._last
        self._last = (now, stored)
        return Glance(
            day_ms=day_ms,
            redis_url=self._stack.settings.redis_url,
            sent=self._stack.brake.sent,
            stored=stored,
            per_second=(stored - stored_before) / max(now - before, 1e-3),
            rejected=self._stack.letters.count,
            segments=self._segments(),
            models=asyncio.run(model_cards(self._stack.settings.redis_url)),
            customer=self._choose(),
            profile=self._reader.get(self._customer) if self._customer else {},
        )

    def _segments(self) -> dict[str, int]:
        """Count the segments of a sample of customers."""
        keys = [self._client.randomkey() or "" for _ in range(SAMPLE)]
        customers = [customer_of(key) for key in keys if key.startswith(PROFILE_PREFIX)]
        found = self._reader.get_many(customers, "segment")
        counts: dict[str, int] = {}
        for profile in found:
            if "segment" in profile:
                counts[profile["segment"]] = counts.get(profile["segment"], 0) + 1
        return dict(sorted(counts.items(), key=lambda pair: -pair[1]))

    def _choose(self) -> str:
        """Move on to a customer with more to see, until one has all; then watch that one change."""
        have = len(self._reader.get(self._customer, *WANTED)) if self._customer else 0
        key = self._client.randomkey() or ""
        if have < len(WANTED) and key.startswith(PROFILE_PREFIX):
            customer = customer_of(key)
            if len(self._reader.get(customer, *WANTED)) > have:
                self._customer = customer
        return self._customer
