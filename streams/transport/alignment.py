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
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from faust.types import TP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.transport.driver import Consumer
    from streams.transport.lanes import Lane

STRETCH = 1_000
"""Records that the leading lane may take at once: small batches are dear.

But no more than it has processed of late: that it is the densest shows only in step.
"""

HEARD_MS = 100
"""How old the word may be that a partition has nothing more: live, nobody waits for a newer one."""

OF_LATE = 10_000
"""Records processed of a partition after which all counts of its number are halved."""

SILENCE_SECONDS = 3.0
"""A partition that should have records, and hands over none for so long, holds nobody back."""

LOOK_SECONDS = 0.1
NO_LIMIT = math.inf


class Alignment:
    """Gives the lanes of each partition number leave to go on.

    The lane that has processed the most records of late leads: once all others have come up to it,
    it takes a stretch. They follow up to where it is, and are never ahead of it. One that has
    nothing to do does not lead.
    """

    def __init__(self, topics: Iterable[str]) -> None:
        self.waiting: set[TP] = set()  # for others of their number
        self._topics = tuple(topics)
        self._lanes: dict[TP, Lane] = {}
        self._records: Counter[TP] = Counter()
        self._active: dict[TP, float] = {}  # when it last had records, monotonic seconds
        self._silent: set[TP] = set()
        self._changes: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def add(self, lane: Lane) -> None:
        """Take a lane in."""
        self._lanes[lane.tp] = lane

    def remove(self, tps: Iterable[TP]) -> None:
        """Forget lanes that have ended."""
        for tp in tps:
            self._lanes.pop(tp, None)

    def worked(self, tp: TP, records: int) -> None:
        """Note that a lane has processed records."""
        self._records[tp] += records
        if self._records[tp] > OF_LATE:
            for each in self._of_number(tp.partition):
                self._records[each] //= 2
        self.stirred(tp)

    def stirred(self, tp: TP) -> None:
        """Note that a lane has, or had, something to do, and have those who wait look again."""
        self._silent.discard(tp)
        self._active[tp] = time.monotonic()
        self._changes[tp.partition].set()
        self._changes[tp.partition].clear()

    async def turn(self, lane: Lane, consumer: Consumer) -> float:
        """Wait until it is a lane's turn; it may take what was logged until then (epoch ms)."""
        began = time.monotonic()
        try:
            while (limit := self._limit(lane, consumer, began)) is None:
                self.waiting.add(lane.tp)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._changes[lane.tp.partition].wait()
        finally:
            self.waiting.discard(lane.tp)
        return limit

    def _limit(self, lane: Lane, consumer: Consumer, began: float) -> float | None:
        """Return until when a lane may take what it has, None: it has to wait."""
        own, since = lane.head(), lane.heard_at - HEARD_MS
        others = [tp for tp in self._of_number(lane.tp.partition) if tp != lane.tp]
        times = {tp: self._time(tp, consumer, since, began) for tp in others}
        at_work = {tp: at for tp, at in times.items() if at is not None}
        leader = max((lane.tp, *at_work), key=lambda tp: (self._records[tp], tp))
        last = min(at_work.values(), default=NO_LIMIT) if leader == lane.tp else at_work[leader]
        if own is not None and own > last:
            return None
        if leader != lane.tp:
            return last
        return max(last, lane.reach(min(STRETCH, max(1, self._records[leader]))))

    def _of_number(self, number: int) -> list[TP]:
        return [TP(topic, number) for topic in self._topics]

    def _time(self, tp: TP, consumer: Consumer, since: float, began: float) -> float | None:
        """Return how far a partition is, in time of the log; None: it holds nobody back.

        That it has nothing more is believed only if it was heard `since` then (epoch ms); one that
        should have more and is silent is not waited for beyond SILENCE_SECONDS.
        """
        lane = self._lanes.get(tp)
        head = None if lane is None else lane.head()
        if head is not None or tp in self._silent or not consumer.has_more(tp, since):
            return head
        if time.monotonic() - max(began, self._active.get(tp, began)) > SILENCE_SECONDS:
            self._silent.add(tp)
            return None
        return -math.inf if lane is None else lane.reached
