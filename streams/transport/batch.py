"""What an agent receives: the records of one fetch of one partition, with its place in the log."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from faust.types import TP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Record(Protocol):
    """One Kafka record; key and value are the bytes as they are in the log."""

    @property
    def offset(self) -> int: ...  # noqa: D102 - Kafka's own names
    @property
    def timestamp(self) -> int: ...  # noqa: D102 - epoch milliseconds
    @property
    def timestamp_type(self) -> int: ...  # noqa: D102 - 0 set by the producer, 1 by the broker
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, repr=False)
class RecordBatch:
    """The part `[from_position, next_position)` of a partition's log.

    Fewer records than positions is normal: compaction, aborted transactions and their markers
    leave gaps, and a batch may hold no record at all. Whoever has folded it stands at
    `next_position`.

    >>> RecordBatch("events.purchase", 3, 100, 205, [])
    <RecordBatch events.purchase/3 [100, 205) 0 records>
    """

    topic: str
    partition: int
    from_position: int
    next_position: int
    records: Sequence[Record]

    @classmethod
    def joined(cls, batches: Sequence[RecordBatch]) -> RecordBatch:
        """Return batches that follow each other as one.

        >>> RecordBatch.joined([RecordBatch("t", 0, 7, 9, []), RecordBatch("t", 0, 9, 12, [])])
        <RecordBatch t/0 [7, 12) 0 records>
        """
        first, last = batches[0], batches[-1]
        if first is last:
            return first
        records = list(chain.from_iterable(batch.records for batch in batches))
        return cls(first.topic, first.partition, first.from_position, last.next_position, records)

    def cut(self, count: int) -> tuple[RecordBatch | None, RecordBatch | None]:
        """Return the first `count` records as a batch, and the rest; None for an empty one.

        >>> RecordBatch("t", 0, 7, 9, []).cut(1)
        (<RecordBatch t/0 [7, 9) 0 records>, None)
        """
        if count >= len(self.records):
            return self, None
        if count <= 0:
            return None, self
        position, (topic, partition) = self.records[count].offset, self.tp
        return (
            RecordBatch(topic, partition, self.from_position, position, self.records[:count]),
            RecordBatch(topic, partition, position, self.next_position, self.records[count:]),
        )

    def follows(self, other: RecordBatch) -> bool:
        """Tell whether this batch begins where the other ended: nothing is missing in between."""
        return self.tp == other.tp and self.from_position == other.next_position

    @property
    def tp(self) -> TP:
        """Topic and partition."""
        return TP(self.topic, self.partition)

    def __len__(self) -> int:
        return len(self.records)

    def __bool__(self) -> bool:
        return True  # a batch without records still moves the position

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __repr__(self) -> str:
        # coordinates and counts only: representations end in logs, customers' data must not
        place = f"{self.topic}/{self.partition} [{self.from_position}, {self.next_position})"
        return f"<RecordBatch {place} {len(self.records)} records>"
