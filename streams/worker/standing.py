"""Where a worker stands in each partition, and how it comes to stand there (docs/protocol.md)."""

from dataclasses import dataclass
from typing import Protocol

import structlog
from faust.types import TP

from profiles.errors import StoreMovedError, TopicRecreatedError
from profiles.keyspace import Partition
from profiles.store import Footing, Mark, Store
from schemas.topics import kind_of_topic
from streams.transport import PositionOutOfRangeError
from streams.worker.epochs import TopicEpochs

log = structlog.get_logger()

TRUNCATED_LOG = (
    "the log no longer holds the position to resume from; set "
    "PORTRAIT_ON_TRUNCATED_LOG=count_gap to go on without the events that are gone"
)
ANOTHER_LOG = "the log ends before the position to resume from: it lost its end, or is another one"


class Log(Protocol):
    """What a worker asks of the topics' logs beside their batches."""

    async def beginning(self, tp: TP) -> int:
        """Return the first position still in the log."""
        ...

    def is_ours(self, tp: TP) -> bool:
        """Tell whether the partition is this worker's at the moment."""
        ...

    def delivered(self, tp: TP) -> int | None:
        """Return the position behind the last batch handed over, None while it is under way."""
        ...

    async def seek(self, tp: TP, position: int) -> None:
        """Read on from a position."""
        ...


@dataclass(slots=True)
class Standing:
    """One partition: the topic's epoch, the next position, and the store as last seen."""

    partition: Partition
    epoch: int
    position: int
    footing: Footing


class Standings:
    """Finds out where to resume, by resume marks alone, and remembers it."""

    def __init__(
        self,
        store: Store,
        epochs: TopicEpochs,
        topic_prefix: str,
        on_recreated: str,
        on_truncated: str,
    ) -> None:
        self._store = store
        self._epochs = epochs
        self._prefix = topic_prefix
        self._on_recreated = on_recreated
        self._on_truncated = on_truncated
        self._standings: dict[TP, Standing] = {}

    def get(self, tp: TP) -> Standing | None:
        """Return where the worker stands, None where it has to resume first."""
        return self._standings.get(tp)

    def all(self) -> list[tuple[TP, Standing]]:
        """Return every partition's standing."""
        return list(self._standings.items())

    def stand(self, field: str) -> tuple[Partition, Footing] | None:
        """Return partition and footing of a section's field, None where this worker has none."""
        for standing in self._standings.values():
            if str(standing.partition) == field:
                return standing.partition, standing.footing
        return None

    def forget(self, tp: TP) -> None:
        """Stand nowhere in this partition."""
        self._standings.pop(tp, None)

    async def resume(self, tp: TP, source: Log) -> Standing:
        """Stand where the partition's mark says; without one, at the log's beginning.

        Raises:
            TopicRecreatedError: the mark belongs to an earlier life of the topic, and the setting
                says to stop.
            StoreMovedError: somebody else set the mark meanwhile; ask again.
        """
        partition = Partition(kind_of_topic(tp.topic, self._prefix), tp.partition)
        epoch = await self._epochs.of(tp.topic)
        footing = await self._store.footing(partition)
        mark = footing.resume_mark(epoch)
        if mark is not None and mark.epoch != epoch and self._on_recreated == "stop":
            raise TopicRecreatedError(str(partition), mark.epoch, epoch)
        if mark is None or mark.epoch != epoch:
            beginning = await source.beginning(tp)
            lost = beginning if mark is None else 0  # of a log that began before it was read
            mark = Mark(epoch, beginning)
            footing = await self._store.advance(partition, footing, mark, lost=lost)
        standing = Standing(partition, epoch, mark.position, footing)
        self._standings[tp] = standing
        return standing

    async def out_of_range(self, tp: TP, wanted: int, beginning: int, end: int) -> int:
        """Go on where the log begins, and count the gap, if the setting says so.

        Raises:
            PositionOutOfRangeError: events are gone, or the log is another one.
        """
        standing = self._standings.get(tp)
        if standing is None or wanted > end or self._on_truncated == "stop":
            raise PositionOutOfRangeError(
                ANOTHER_LOG if wanted > end else TRUNCATED_LOG,
                topic=tp.topic,
                partition=tp.partition,
                value=wanted,
                expected=f"{beginning}..{end}",
            )
        log.error("events lost", partition=str(standing.partition), count=beginning - wanted)
        mark = Mark(standing.epoch, beginning)
        standing.footing = await self._store.advance(
            standing.partition, standing.footing, mark, lost=beginning - wanted
        )
        standing.position = beginning
        return beginning

    async def confirm(self, standing: Standing) -> None:
        """Make sure that the store still is where the worker stands.

        Raises:
            StoreMovedError: it is not.
        """
        current = await self._store.footing(standing.partition)
        if current != standing.footing:
            raise StoreMovedError(str(standing.partition), standing.footing, current)

    async def moved(self, tp: TP, standing: Standing) -> bool:
        """Tell whether the store, or the topic, is another than this worker left."""
        if await self._store.footing(standing.partition) != standing.footing:
            return True
        return await self._epochs.of(tp.topic) != standing.epoch
