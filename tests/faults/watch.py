"""Watches the resume marks: how far the workers are, and that no mark ever goes back.

Unless Redis did: then its incarnation is another one, or the suite has emptied it and says so.
"""

import contextlib
import threading
import time
from typing import Any, NamedTuple, Self

from redis import Redis
from redis.exceptions import RedisError

SAMPLE_SECONDS = 0.05
PATIENCE_SECONDS = 2.0
"""A Redis that does not answer for so long counts as away for this sample."""

Marks = dict[str, tuple[str, int]]
"""Epoch and position by `<kind>/<partition>`."""


class Sample(NamedTuple):
    """What one look at Redis showed."""

    incarnation: str
    marks: Marks


class Watcher:
    """Samples the marks in a thread of its own, for a `with` block."""

    def __init__(self, redis_url: str) -> None:
        self.backward: list[str] = []
        """Marks that went back although Redis did not."""

        self._url = redis_url
        self._last: Sample | None = None
        self._looked = threading.Condition()
        self._looks = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ends.set()
        self._thread.join()

    def positions(self) -> dict[str, int]:
        """Return every mark's position as last seen."""
        with self._looked:
            marks = self._last.marks if self._last else {}
        return {partition: position for partition, (_, position) in marks.items()}

    def look_again(self) -> None:
        """Wait until Redis was asked once more from now on, whether it answers or not."""
        with self._looked:
            enough = self._looks + 2
            self._looked.wait_for(lambda: self._looks >= enough)

    def forgive(self) -> None:
        """Forget what was seen: Redis goes back now, without showing it by another incarnation."""
        with self._looked:
            self._last = None

    def _run(self) -> None:
        client = Redis.from_url(self._url, socket_timeout=PATIENCE_SECONDS, decode_responses=True)
        while not self._ends.is_set():
            began = self._last
            with contextlib.suppress(RedisError):  # away: the next look tells more
                self._compare(began, look(client))
            with self._looked:
                self._looks += 1
                self._looked.notify_all()
            self._ends.wait(SAMPLE_SECONDS)
        client.close()

    def _compare(self, before: Sample | None, now: Sample) -> None:
        with self._looked:
            if before is self._last:  # nobody has asked to forget meanwhile
                if before is not None and before.incarnation == now.incarnation:
                    self.backward += went_back(before.marks, now.marks)
                self._last = now


def look(client: Any) -> Sample:
    """Read incarnation and marks in one transaction: they belong together."""
    names = sorted(client.scan_iter(match="mark:*", count=1000))
    with client.pipeline(transaction=True) as pipeline:
        pipeline.info("replication")
        for name in names:
            pipeline.get(name)
        info, *texts = pipeline.execute()
    pairs = zip(names, texts, strict=True)
    return Sample(info["master_replid"], {n.removeprefix("mark:"): _mark(t) for n, t in pairs if t})


def went_back(before: Marks, now: Marks) -> list[str]:
    """List the marks that are behind where they were, in the same life of their topic.

    >>> went_back({"purchase/0": ("e", 7), "browse/0": ("e", 7)}, {"purchase/0": ("e", 6)})
    ['purchase/0: 7 -> 6', 'browse/0: 7 -> None']
    """
    found = []
    for name, (epoch, position) in before.items():
        epoch_now, position_now = now.get(name, (epoch, None))
        if epoch_now == epoch and (position_now is None or position_now < position):
            found.append(f"{name}: {position} -> {position_now}")
    return found


def _mark(text: str) -> tuple[str, int]:
    epoch, position = text.split(":")
    return epoch, int(position)


def stopwatch() -> "Stopwatch":
    """Return a running stopwatch."""
    return Stopwatch(time.monotonic())


class Stopwatch(NamedTuple):
    """Seconds since it was started."""

    began: float

    @property
    def seconds(self) -> float:
        """Return the seconds that have passed."""
        return round(time.monotonic() - self.began, 2)
