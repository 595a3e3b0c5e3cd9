"""Where the worker's CPU time goes, stage by stage: all of its work but Kafka's, in this process.

    python benchmarks/stages.py shop
    python benchmarks/stages.py ../shared/data/online_retail.parquet
    python benchmarks/stages.py bursty --traits lines items revenue first_purchase last_purchase

Events are cut into batches as a worker that is behind gets them: what `--behind` events hold, split
by topic and partition. Printed are CPU microseconds per event; what a stage calls is not in it.
"""

import argparse
import asyncio
import gc
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import islice
from typing import Any, NamedTuple

import psutil
from redis.asyncio import Redis
from worker import shop_events, source_events

from benchmarks.performance.traffic import traffics
from profiles.cache import SectionCache
from profiles.changes import Batch
from profiles.decoded import DecodedSections
from profiles.derive import Deriver
from profiles.examples import examples_of
from profiles.keyspace import Partition
from profiles.scores import LiveScores
from profiles.sections.folding import Folding
from profiles.sections.section import Section
from profiles.store import Mark
from profiles.stores.redis import RedisStore
from profiles.traits import catalogue
from profiles.update import ProfileUpdater
from schemas.decode import decode
from schemas.examples import encode
from schemas.examples import records as records_of
from schemas.mapping.mapping import MappedEvent
from streams.embedded.redis import EmbeddedRedis
from streams.transport.run import GC_THRESHOLDS

PARTITIONS = 4
NO_LIMIT_MS = 1 << 50


class Written(NamedTuple):
    offset: int
    value: bytes
    timestamp: int = 0


class Stages:
    """A stopwatch of CPU time that stands still for a stage while one inside of it runs."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._open: list[str] = []
        self._since = time.process_time()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._switch()
        self._open.append(name)
        try:
            yield
        finally:
            self._switch()
            self._open.pop()

    def watch(self, owner: Any, method: str, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, method)

        @wraps(original)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.stage(name):
                return original(*args, **kwargs)

        setattr(owner, method, timed)

    def _switch(self) -> None:
        now = time.process_time()
        if self._open:
            self.spent[self._open[-1]] += now - self._since
        self._since = now


class TimedStore(RedisStore):
    """Counts what the client does for a load or a write, its wait not among it."""

    stages: Stages

    async def load(self, customers: Any) -> Any:
        with self.stages.stage("Redis client, load"):
            return await super().load(customers)

    async def write(self, *args: Any) -> Any:
        with self.stages.stage("Redis client, write"):
            return await super().write(*args)

    async def finish(self, *args: Any) -> Any:
        with self.stages.stage("Redis client, write"):
            return await super().finish(*args)


def batches(events: list[MappedEvent], behind: int) -> Iterator[tuple[Partition, list[Written]]]:
    ends: Counter[Partition] = Counter()
    for start in range(0, len(events), behind):
        parts: dict[Partition, list[Written]] = {}
        for event in events[start : start + behind]:
            place = Partition(event.kind, zlib.crc32((event.key or "").encode()) % PARTITIONS)
            parts.setdefault(place, []).append(Written(ends[place], event.payload))
            ends[place] += 1
        yield from parts.items()


async def work(events: list[MappedEvent], behind: int, url: str, traits: list[str]) -> Stages:
    stages, client = Stages(), Redis.from_url(url)
    store = TimedStore(client)
    store.stages = stages
    chosen = catalogue(only=traits)
    deriver, folding = Deriver(chosen, "GBP", LiveScores()), Folding(keeps=chosen.aspects)
    share = 0.0 if traits else 1.0  # the peers' job asks no questions
    updater = ProfileUpdater(store, SectionCache(96 << 20), deriver, folding, learning_share=share)
    stages.watch(deriver, "parts", "derive")
    stages.watch(deriver, "features", "features of moments and models")
    for method in ("read", "take"):
        stages.watch(DecodedSections, method, "decode sections")
    stages.watch(Section, "encode", "encode sections")
    for partition, records in batches(events, behind):
        footing = await store.footing(partition)
        if footing.mark is None:
            footing = await store.advance(partition, footing, Mark(1, 0))
        with stages.stage("decode and validate events"):
            decoded = decode(partition.kind, records, NO_LIMIT_MS)
            found = [(records[index].offset, event) for index, event in decoded.accepted]
        with stages.stage("fold"):
            update = await updater.fold(Batch(partition, 1, found))
        with stages.stage("encode examples"):
            examples = (e for m in update.moments for e in examples_of(m, partition, 1))
            list(records_of(map(encode, examples)))
        with stages.stage("compare and cache"):
            mark = Mark(1, records[-1].offset + 1)
            await updater.write(footing, update, mark)
        stages.spent["customers written"] += len(update.changes)
    await client.aclose()
    return stages


def measure(events: list[MappedEvent], behind: int, traits: list[str]) -> None:
    with EmbeddedRedis() as server:
        stages = asyncio.run(work(events, behind, server.url, traits))
        times = psutil.Process(server.pid).cpu_times()
    written = stages.spent.pop("customers written")
    for name, seconds in stages.spent.most_common():
        print(f"{name:32} {seconds / len(events) * 1e6:6.1f}")
    print(f"{'together':32} {sum(stages.spent.values()) / len(events) * 1e6:6.1f}")
    print(f"{'Redis itself':32} {(times.user + times.system) / len(events) * 1e6:6.1f}")
    print(f"customers written per event: {written / len(events):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="shop")
    parser.add_argument("--mapping", default="online_retail")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--behind", type=int, default=10_000)
    parser.add_argument("--traits", nargs="*", default=[], help="derive no others")
    given = parser.parse_args()
    if given.source == "shop":
        events = list(shop_events(given.events, given.customers))
    elif given.source in ("uniform", "bursty"):
        (traffic,) = traffics(given.events, [given.source])
        events = [MappedEvent("purchase", each.customer, each.value) for each in traffic.events]
    else:
        events = list(islice(source_events(given.source, given.mapping), given.events))
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    measure(events, given.behind, given.traits)


if __name__ == "__main__":
    main()
