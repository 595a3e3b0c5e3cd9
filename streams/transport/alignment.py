"""Lanes of one partition number, in step: what was logged earlier is processed earlier.

A customer has the same partition number in every topic. Were each topic read as fast as it can be,
a worker that catches up would know a customer's purchases before the visits that led to them
(docs/decisions/topics-in-step.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from faust.types import TP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.transport.driver import Consumer
    from streams.transport.lanes import Lane

DRIFT_MS = 100
"""How far a lane may be ahead of the others, in time of the log: live, nobody waits."""

STRETCH = 1_000
"""Records that the densest lane may take at once when it is last: small batches are dear."""

SILENCE_SECONDS = 3.0
"""A partition that should have records, and hands over none for so long, holds nobody back."""

LOOK_SECONDS = 0.1


NO_LIMIT = math.inf


class Alignment:
    """Gives the lanes of each partition number leave to go on, the one furthest behind first."""

    def __init__(self, topics: Iterable[str]) -> None:
        self._topics = tuple(topics)
        self._lanes: dict[TP, Lane] = {}
        self._silent: set[TP] = set()
        self._arrived: dict[TP, float] = {}  # when records last did, monotonic seconds
        self._changes: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def add(self, lane: Lane) -> None:
        """Take a lane in."""
        self._lanes[lane.tp] = lane

    def arrived(self, tp: TP) -> None:
        """Note that a partition has handed over records."""
        self._silent.discard(tp)
        self._arrived[tp] = time.monotonic()
        self.changed(tp.partition)

    def changed(self, number: int) -> None:
        """Have those who wait look again: a lane of the number has records, or is done."""
        self._changes[number].set()
        self._changes[number].clear()

    async def turn(self, lane: Lane, consumer: Consumer) -> float:
        """Wait until it is a lane's turn; it may take what was logged until then (epoch ms)."""
        others = [TP(topic, lane.tp.partition) for topic in self._topics if topic != lane.tp.topic]
        began = time.monotonic()
        while True:
            limit = self._limit(lane, others, consumer)
            if limit is not None:
                return limit
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changes[lane.tp.partition].wait()
            self._silent.update(tp for tp in others if self._is_silent(tp, began))

    def _limit(self, lane: Lane, others: Sequence[TP], consumer: Consumer) -> float | None:
        own = lane.head()
        times = [self._time(tp, lane.handed_over - DRIFT_MS, consumer) for tp in others]
        last = min((at for at in times if at is not None), default=NO_LIMIT)
        if own is None or own <= last:
            return max(last + DRIFT_MS, self._stretch(lane, others))
        return last + DRIFT_MS if own <= last + DRIFT_MS else None

    def _stretch(self, lane: Lane, others: Sequence[TP]) -> float:
        """Return the end of what a lane may take at once, if no other has as much to do."""
        span = lane.span(STRETCH)
        denser = any(self._lanes[tp].span(STRETCH) < span for tp in others if tp in self._lanes)
        return -math.inf if denser or span == math.inf else (lane.head() or 0) + span

    def _time(self, tp: TP, since: float, consumer: Consumer) -> float | None:
        """Return how far a partition is, in time of the log; None: it holds nobody back.

        That it has nothing to do is believed only if it was heard `since` then (epoch ms).
        """
        head = self._head(tp)
        if head is not None or tp in self._silent or not consumer.has_more(tp, since):
            return head
        return self._lanes[tp].reached if tp in self._lanes else -math.inf

    def _is_silent(self, tp: TP, began: float) -> bool:
        since = max(began, self._arrived.get(tp, began))
        return self._head(tp) is None and time.monotonic() - since > SILENCE_SECONDS

    def _head(self, tp: TP) -> float | None:
        return self._lanes[tp].head() if tp in self._lanes else None
