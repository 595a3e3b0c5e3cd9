"""Is a consumer stuck? A verdict on what was seen, without a clock and without I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from faust.types import TP

LOST_SIGHT_SECONDS = 30.0
"""Looks further apart say nothing: the process was stopped, or too busy to look."""


class Look(NamedTuple):
    """What is seen at one moment.

    `at` is in seconds; `positions` is how far each partition is done, None for one that was not
    told where to start, and None altogether outside the group; `ends` are the ends of the logs.
    `waiting` tells that a server is away, or refuses, so that nothing can be expected; `in_step`
    are partitions that wait for another topic's of the same number.
    """

    at: float
    positions: Mapping[TP, int | None] | None
    ends: Mapping[TP, int]
    waiting: bool
    in_step: Collection[TP] = ()


GROUP = "the group"
"""Stands for the partitions of a member that has none because it is not in the group."""


class Watch(NamedTuple):
    """What is remembered: the last look, and since when (s) what has made no progress."""

    last: Look | None = None
    since: Mapping[str, float] = {}

    def after(self, look: Look) -> Watch:
        """Return the memory after another look."""
        if self.last is None or look.waiting or look.at - self.last.at > LOST_SIGHT_SECONDS:
            return Watch(look)
        stalled = _stalled(self.last, look)
        return Watch(look, {name: self.since.get(name, self.last.at) for name in stalled})

    def stuck(self, seconds: float) -> dict[str, float]:
        """Return what has made no progress for so long, though there is something to do (s)."""
        if self.last is None:
            return {}
        idle = {name: self.last.at - since for name, since in self.since.items()}
        return {name: each for name, each in idle.items() if each >= seconds}


def _stalled(before: Look, now: Look) -> set[str]:
    if now.positions is None:
        return {GROUP} if before.positions is None else set()
    still = {
        tp: position
        for tp, position in now.positions.items()
        if before.positions is not None
        and tp in before.positions
        and position == before.positions[tp]
    }
    moving = {tp.partition for tp in now.positions.keys() - still.keys()}
    return {
        f"{tp.topic}/{tp.partition}"
        for tp, position in still.items()
        if not (tp in now.in_step and tp.partition in moving)
        and (position is None or position < now.ends.get(tp, position))
    }
