"""What surrounds a pipeline, in plain Python: the log, the outbox, the topics' epochs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from faust.types import TP

from profiles.cache import SectionCache
from profiles.derive import Deriver
from profiles.scores import LiveScores
from profiles.store import Store
from profiles.traits import catalogue
from profiles.update import ProfileUpdater
from streams.outbox import Message, NotAcknowledgedError
from streams.patience import Outages
from streams.transport import RecordBatch
from streams.worker.pipeline import Pipeline
from streams.worker.standing import Standings

DEAD_PARTITIONS = 4
DAY_MS = 86_400_000


class Written(NamedTuple):
    """A record as a log holds it."""

    offset: int
    value: bytes | None
    key: bytes | None = None
    timestamp: int = 0
    timestamp_type: int = 0
    headers: Sequence[tuple[str, bytes]] = ()


def batches(topic: str, partition: int, values: Sequence[bytes], size: int, start: int = 0):
    """Cut one partition's log, whose first offset is `start`, into batches of `size` records."""
    for first in range(0, len(values), size):
        part = values[first : first + size]
        records = [Written(start + first + i, value) for i, value in enumerate(part)]
        yield RecordBatch(topic, partition, start + first, start + first + len(part), records)


class StubLog:
    """The consumer's view: where logs begin, what was handed over, where the worker went back."""

    def __init__(self) -> None:
        self.beginnings: dict[TP, int] = {}
        self.delivered_to: dict[TP, int] = {}  # absent: a batch is under way
        self.others: set[TP] = set()  # partitions that are another worker's by now
        self.seeks: list[tuple[TP, int]] = []

    async def beginning(self, tp: TP) -> int:
        return self.beginnings.get(tp, 0)

    def is_ours(self, tp: TP) -> bool:
        return tp not in self.others

    def delivered(self, tp: TP) -> int | None:
        return self.delivered_to.get(tp)

    async def seek(self, tp: TP, position: int) -> None:
        self.seeks.append((tp, position))


class StubOutbox:
    """Takes messages, or, `refusals` times, says that Kafka has not acknowledged them."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refusals = 0

    async def send(self, messages: Iterable[Message]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise NotAcknowledgedError("messages were not acknowledged")
        self.sent += messages

    async def partitions(self, topic: str) -> int:
        return DEAD_PARTITIONS

    def to(self, topic: str) -> Iterator[Message]:
        return (message for message in self.sent if message.topic == topic)


class StubEpochs:
    """Every topic's epoch is `epoch`, until somebody sets another one."""

    epoch = 1

    async def of(self, topic: str) -> int:
        return self.epoch


class World:
    """One worker: a pipeline over a store, with stubs for everything that is Kafka's."""

    def __init__(self, store: Store, recreated: str = "stop", truncated: str = "stop") -> None:
        self.log, self.outbox, self.epochs = StubLog(), StubOutbox(), StubEpochs()
        self.standings = Standings(store, self.epochs, "", recreated, truncated)
        self.cache = SectionCache(64 << 20)
        self.store, self.scores = store, LiveScores()
        self.deriver = Deriver(catalogue(), "GBP", self.scores, self.scores.of_words)
        self.pipeline = Pipeline(
            ProfileUpdater(store, self.cache, self.deriver),
            self.outbox,
            self.standings,
            self.log,
            Outages(),
            topic_prefix="",
            max_future_ms=DAY_MS,
        )

    async def take(self, log: Iterable[RecordBatch]) -> None:
        """Stand where the marks say, then take the batches as they come."""
        waiting = list(log)
        await self.pipeline.place({batch.tp for batch in waiting})
        for batch in waiting:
            await self.pipeline.process(batch)
