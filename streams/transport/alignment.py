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

STRETCH = 1_000
"""Records that the leading lane may take at once: small batches are dear."""

HEARD_MS = 100
"""How old the word may be that a partition has nothing more: live, nobody waits for a newer one."""

SILENCE_SECONDS = 3.0
"""A partition that should have records, and hands over none for so long, holds nobody back."""

LOOK_SECONDS = 0.1


NO_LIMIT = math.inf


class Alignment:
    """Gives the lanes of each partition number leave to go on.

    The lane with the most records leads: once all others have come up to it, it takes a stretch.
    They follow up to where it is, and are never ahead of it.
    """

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
        """Return until when a lane may take what it has, None: it has to wait."""
        own, since = lane.head(), lane.heard_at - HEARD_MS
        leader = max((lane, *self._known(others)), key=_records_and_name)
        ahead = others if leader is lane else [leader.tp]
        times = [self._time(tp, since, consumer) for tp in ahead]
        last = min((at for at in times if at is not None), default=NO_LIMIT)
        if own is not None and own > last:
            return None
        return max(last, lane.reach(STRETCH)) if leader is lane else last

    def _known(self, tps: Sequence[TP]) -> list[Lane]:
        return [self._lanes[tp] for tp in tps if tp in self._lanes]

    def _time(self, tp: TP, since: float, consumer: Consumer) -> float | None:
        """Return how far a partition is, in time of the log; None: it holds nobody back.

        That it has nothing more is believed only if it was heard `since` then (epoch ms).
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


def _records_and_name(lane: Lane) -> tuple[int, TP]:
    return lane.handed_over, lane.tp
