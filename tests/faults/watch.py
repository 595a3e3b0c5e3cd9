"""Watches the resume marks: how far the workers are, and that no mark ever goes back.

Unless Redis did: then its incarnation is another one, or the suite has emptied it and says so.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Self

from redis import Redis
from redis.exceptions import RedisError

from profiles.errors import StoreMovedError
from profiles.keyspace import Partition
from profiles.store import Mark
from profiles.stores.client import connect, store_of
from schemas.topics import KINDS

SAMPLE_SECONDS = 0.05
PATIENCE_SECONDS = 2.0
"""A Redis that does not answer for so long counts as away for this sample."""

PARTITIONS, MOST_PARTITIONS = 4, 12
NOTHING = b"0:0"


class Seen(NamedTuple):
    """One mark, and the life of the server that held it."""

    incarnation: str
    mark: Mark


Marks = dict[str, Seen]
"""By `<kind>/<partition>`; on a cluster, ` on ...` says which of its several marks it is."""

Look = Callable[[], Marks]


class Watcher:
    """Samples the marks in a thread of its own, for a `with` block."""

    def __init__(self, look: Look, pause_seconds: float = SAMPLE_SECONDS) -> None:
        self.backward: list[str] = []
        """Marks that went back although Redis did not."""

        self.known: set[str] = set()
        """Partitions that have ever had a mark."""

        self._look = look
        self._pause_seconds = pause_seconds
        self._last: Marks = {}
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
        """Return every partition's lowest mark as last seen."""
        with self._looked:
            marks = sorted(self._last.items(), key=lambda pair: -pair[1].mark.position)
        return {name.partition(" ")[0]: seen.mark.position for name, seen in marks}

    def look_again(self) -> None:
        """Wait until Redis was asked once more from now on, whether it answers or not."""
        with self._looked:
            enough = self._looks + 2
            self._looked.wait_for(lambda: self._looks >= enough)

    def forgive(self) -> None:
        """Forget what was seen: Redis goes back now, without showing it by another incarnation."""
        with self._looked:
            self._last = {}

    def _run(self) -> None:
        while not self._ends.is_set():
            before = self._last
            with contextlib.suppress(RedisError, OSError, StoreMovedError):  # away, or on the move
                self._compare(before, self._look())
            with self._looked:
                self._looks += 1
                self._looked.notify_all()
            self._ends.wait(self._pause_seconds)

    def _compare(self, before: Marks, now: Marks) -> None:
        with self._looked:
            if before is self._last:  # nobody has asked to forget meanwhile
                self.backward += went_back(before, now)
                self._last = now
                self.known |= {name.partition(" ")[0] for name in now}


def look_at_one(url: str) -> Look:
    """Return a look at one server: incarnation and marks in one transaction."""
    names = [f"{kind}/{number}" for kind in KINDS for number in range(MOST_PARTITIONS)]
    client = Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, retry=None)

    def look() -> Marks:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.info("replication")
            pipeline.mget([f"mark:{name}" for name in names])
            info, texts = pipeline.execute()
        life = info["master_replid"]
        pairs = zip(names, texts, strict=True)
        return {name: Seen(life, Mark.decode(text)) for name, text in pairs if text}

    return look


def look_at_cluster(url: str) -> Look:
    """Return a look at a cluster, where each master has marks in every range of its slots."""
    loop = asyncio.new_event_loop()
    store = store_of(connect(url))
    partitions = [Partition(kind, number) for kind in KINDS for number in range(PARTITIONS)]

    async def look() -> Marks:
        found: Marks = {}
        for partition in partitions:
            footing = await store.footing(partition)
            for master in footing.masters:
                for number, text in enumerate(master.marks.split(b",")):
                    place = f"{partition} on {master.name} {master.slots}, {number}"
                    found[place] = Seen(master.incarnation, Mark.decode(text or NOTHING))
        return found

    return lambda: loop.run_until_complete(look())


def went_back(before: Marks, now: Marks) -> list[str]:
    """List the marks that are behind where they were, in the same life of server and topic.

    >>> before = {"purchase/0": Seen("life", Mark(1, 7))}
    >>> went_back(before, {"purchase/0": Seen("life", Mark(1, 6))})
    ['purchase/0: 7 -> 6']
    >>> went_back(before, {"purchase/0": Seen("another life", Mark(1, 6))})
    []
    """
    return [
        f"{name}: {was.mark.position} -> {seen.mark.position}"
        for name, was in before.items()
        if (seen := now.get(name))
        and (was.incarnation, was.mark.epoch) == (seen.incarnation, seen.mark.epoch)
        and seen.mark.position < was.mark.position
    ]


class Stopwatch(NamedTuple):
    """Seconds since it was started."""

    began: float

    @property
    def seconds(self) -> float:
        """Return the seconds that have passed."""
        return round(time.monotonic() - self.began, 2)


def stopwatch() -> Stopwatch:
    """Return a running stopwatch."""
    return Stopwatch(time.monotonic())
