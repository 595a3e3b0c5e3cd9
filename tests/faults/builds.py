"""Workers broken on purpose, each in one rule of docs/protocol.md: the suite must catch them.

`python -m tests.faults.builds no_position_check` is such a worker. `... honest write.before 3 kill`
is one that breaks no rule, and is struck at a step.
"""

import sys
from collections.abc import Callable
from typing import Any

import msgpack
from faust.types import TP

import profiles.stores.redis as redis_store
from profiles.cache import Cached
from profiles.changes import Update
from profiles.store import CHUNK, Footing, Mark
from profiles.update import ProfileUpdater
from streams.cli.serve import worker_command
from streams.transport import RecordBatch
from streams.transport.driver import Consumer
from streams.worker.app import ConsumerLog
from streams.worker.pipeline import Pipeline
from streams.worker.standing import Standing, Standings
from tests.faults.steps import Strike, arm


def _alter_write(old: str, new: str) -> None:
    """Let the script that writes be read with some of its text replaced."""
    original = redis_store.source

    def source(name: str) -> str:
        text = original(name)
        if name == "write.lua":
            assert old in text, old
            text = text.replace(old, new)
        return text

    redis_store.source = source


def honest() -> None:
    """Break nothing."""


def write_before_compare() -> None:
    """Write whatever is stored: neither the mark nor the base is compared (rule 3)."""
    _alter_write("if not stands(KEYS[1], ARGV[1], ARGV[2]) then", "if false then")
    _alter_write("if foreign or stored ~= base then", "if false then")


def stale_siblings() -> None:
    """Publish what was derived from siblings that have moved since (rule 3)."""
    _alter_write("if not unmoved(state, siblings, stale + 1) then", "if false then")


def no_position_check() -> None:
    """Take every batch for the next one (rule 1), and move the mark to its end."""
    original = Pipeline.process

    async def process(self: Pipeline, batch: RecordBatch) -> None:
        standing = self._standings.get(batch.tp)
        if standing is not None:
            standing.position = batch.from_position
        await original(self, batch)

    Pipeline.process = process  # type: ignore[method-assign]  # that is what this is for
    Pipeline._lost = lambda *_: False  # type: ignore[method-assign]


def cache_before_write() -> None:
    """Change the cache before the store has answered, and whatever it answers (rule 4)."""

    async def write_round(
        self: ProfileUpdater, footing: Footing, update: Update, to: Mark
    ) -> tuple[list[str], Footing]:
        partition = update.batch.partition
        for start in range(0, len(update.changes), CHUNK):
            chunk = update.changes[start : start + CHUNK]
            writes = [self._write_of(change, update.parts[change.customer]) for change in chunk]
            for change in chunk:
                parts = msgpack.packb(update.parts[change.customer])
                self._cache.put(change.customer, Cached(change.sections, parts))
            await self._store.write(partition, footing, writes)
        return [], await self._store.advance(partition, footing, to)

    ProfileUpdater._write_round = write_round  # type: ignore[method-assign]


def commit_first() -> None:
    """Commit a batch to Kafka before it is taken, and resume from what is committed (rule 5)."""
    process, resume = Pipeline.process, Standings.resume

    async def commits(self: Pipeline, batch: RecordBatch) -> None:
        consumer: Consumer = self._log._consumer  # type: ignore[attr-defined]  # a ConsumerLog
        await consumer._thread.commit({batch.tp: batch.next_position})
        await process(self, batch)

    async def resumes(self: Standings, tp: TP, source: ConsumerLog) -> Standing:
        standing = await resume(self, tp, source)
        committed = await _committed(source, tp)
        if committed is not None and committed > standing.position:
            mark = Mark(standing.epoch, committed)
            standing.footing = await self._store.advance(standing.partition, standing.footing, mark)
            standing.position = committed
        return standing

    Pipeline.process = commits  # type: ignore[method-assign]
    Standings.resume = resumes  # type: ignore[method-assign,assignment]


async def _committed(source: ConsumerLog, tp: TP) -> int | None:
    thread = source._consumer._thread

    async def ask() -> Any:
        return await thread._ensure_consumer().committed(tp)

    committed: int | None = await thread._in_thread(ask())
    return committed


BUILDS: dict[str, Callable[[], None]] = {
    build.__name__: build
    for build in (
        honest,
        write_before_compare,
        stale_siblings,
        no_position_check,
        cache_before_write,
        commit_first,
    )
}


def main() -> int:
    """Run a broken worker, with one thing about to happen if so told."""
    name, *strike = sys.argv[1:]
    BUILDS[name]()
    if strike:
        arm(Strike.of(strike))
    return worker_command()


if __name__ == "__main__":
    sys.exit(main())
