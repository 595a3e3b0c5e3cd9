"""A worker that dies, freezes or loses its batch between two steps of the protocol.

The steps are those of docs/protocol.md, in their order; `write.before 3 kill` is a worker that
kills itself (`kill -9`) right before its third chunk is written.
"""

import functools
import itertools
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from profiles.stores.redis import RedisStore
from profiles.update import ProfileUpdater
from streams.outbox import Outbox
from streams.worker.pipeline import Pipeline
from streams.worker.standing import Standings

STEPS: dict[str, tuple[type, str]] = {
    "resume": (Standings, "resume"),
    "process": (Pipeline, "process"),
    "load": (RedisStore, "load"),
    "fold": (ProfileUpdater, "fold"),
    "send": (Outbox, "send"),
    "write": (RedisStore, "_apply"),
    "finish": (RedisStore, "finish"),
}
"""Each step's class and coroutine; `finish` is the last write of a batch, with the mark."""

POINTS = [f"{step}.{side}" for step in STEPS for side in ("before", "after")]
Step = Callable[..., Awaitable[Any]]
LOST = "a batch was lost on purpose"
SIGNALS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}


class Strike(NamedTuple):
    """What happens to a worker at the n-th time that it reaches a point."""

    point: str
    nth: int
    action: str

    @classmethod
    def of(cls, words: Sequence[str]) -> "Strike":
        """Read it from a command line."""
        point, nth, action = words
        return cls(point, int(nth), action)

    def words(self) -> tuple[str, str, str]:
        """Return it for a command line."""
        return self.point, str(self.nth), self.action


def arm(strike: Strike) -> None:
    """Wrap the step's coroutine; `lose` leaves it out once, as Faust drops a message."""
    step, side = strike.point.split(".")
    owner, name = STEPS[step]
    original: Step = getattr(owner, name)
    times = itertools.count(1)

    @functools.wraps(original)
    async def wrapped(*args: Any, **named: Any) -> Any:
        due = next(times) == strike.nth
        if due and strike.action == "lose":
            print(LOST, flush=True)
            return None
        if due and side == "before":
            os.kill(os.getpid(), SIGNALS[strike.action])
        answer = await original(*args, **named)
        if due and side == "after":
            os.kill(os.getpid(), SIGNALS[strike.action])
        return answer

    setattr(owner, name, wrapped)
