"""A journey in this process: the worker's pipeline over the memory store, without any server."""

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence

from profiles.keyspace import Partition
from profiles.sections.section import Section
from profiles.store import Footing, Outcome, Write
from profiles.stores.memory import MemoryStore
from schemas.topics import DEAD, event_topic
from streams.dead import DeadLetter, read_dead_letter
from streams.transport import RecordBatch
from tests.journey.command import Run
from tests.journey.letters import each_once, reasons
from tests.journey.records import Record, logs_of
from tests.worker.stubs import World, Written

BATCH = 500
MOST_CALLS = 10
"""A worker to be killed has made at most so many calls to its store."""


class KilledError(Exception):
    """The end of a worker, between two calls to its store."""


class MortalStore(MemoryStore):
    """A store whose caller dies at the call that brings `calls_left` to nothing."""

    calls_left = -1

    async def write(
        self, partition: Partition, footing: Footing, writes: Sequence[Write]
    ) -> list[Outcome]:
        outcomes = await super().write(partition, footing, writes)
        self.calls_left -= 1
        if self.calls_left == 0:
            raise KilledError  # the answer does not reach the worker
        return outcomes


def in_memory(records: Sequence[Record], kills: Sequence[str] = ()) -> Run:
    """Take all records through the pipeline; for each of `kills` one worker dies on the way."""
    return asyncio.run(_take(records, kills))


async def _take(records: Sequence[Record], kills: Sequence[str]) -> Run:
    store, chance = MortalStore(), random.Random(6)
    letters: list[DeadLetter] = []
    for last in [False] * len(kills) + [True]:
        world = World(store)
        store.calls_left = -1 if last else chance.randrange(1, MOST_CALLS)
        try:
            await world.take(batches(records))
            assert last, "the worker was to die"
        except KilledError:
            pass
        letters += letters_of(world)
    summary = _accounts(store) | {
        "events_read": len(records),
        "rejected": len(each_once(letters)),
        "rejected_by_reason": reasons(each_once(letters)),
        "restarts": {"worker": len(kills)},
    }
    return Run(summary, store.profiles, letters)


def batches(records: Sequence[Record]) -> Iterator[RecordBatch]:
    """All partitions' logs cut into batches, by turns."""
    cuts = [
        _cut(event_topic(kind), number, log) for (kind, number), log in logs_of(records).items()
    ]
    return (batch for turn in itertools.zip_longest(*cuts) for batch in turn if batch)


def _cut(topic: str, partition: int, log: list[Record]) -> Iterator[RecordBatch]:
    for start in range(0, len(log), BATCH):
        written = [
            Written(start + number, record.value, record.key, headers=record.headers)
            for number, record in enumerate(log[start : start + BATCH])
        ]
        yield RecordBatch(topic, partition, start, start + len(written), written)


def letters_of(world: World) -> Iterator[DeadLetter]:
    """The dead letters that a worker has sent."""
    return (
        read_dead_letter(message.key, message.value, message.headers or [])
        for message in world.outbox.to(DEAD)
    )


def _accounts(store: MemoryStore) -> dict[str, object]:
    sections = [
        Section.decode(field.partition("/")[0], encoded)
        for fields in store.sections.values()
        for field, encoded in fields.items()
    ]
    return {
        "accepted": sum(section.facts.events for section in sections),
        "duplicates": sum(section.duplicates for section in sections),
        "customers": len(store.sections),
    }
