"""Workers broken on purpose, each in one rule of docs/protocol.md: the suite must catch them.

`python -m tests.faults.builds no_position_check` is such a worker. `... honest write.before 3 kill`
is one that breaks no rule, and is struck at a step.
"""

import sys
from collections.abc import Callable
from typing import Any

from faust.types import TP

import profiles.stores.redis as redis_store
from profiles.cache import Cached
from profiles.store import Mark
from profiles.update import Batch, ProfileUpdater, Update
from streams.cli.serve import worker_command
from streams.transport import RecordBatch
from streams.transport.driver import Consumer
from streams.worker.app import ConsumerLog
from streams.worker.pipeline import Pipeline
from streams.worker.standing import Standing, Standings
from tests.faults.steps import Strike, arm


def _alter_script(name: str, *changes: tuple[str, str]) -> None:
    """Let a script be read with some of its text replaced."""
    original = redis_store._source

    def source(wanted: str) -> str:
        text = original(wanted)
        for old, new in changes if wanted == name else ():
            assert old in text, old
            text = text.replace(old, new)
        return text

    redis_store._source = source  # type: ignore[assignment]  # the same but for a name


def honest() -> None:
    """Break nothing."""


def write_before_compare() -> None:
    """Write whatever is stored: neither the mark nor the base is compared (rule 3)."""
    _alter_script(
        "write.lua",
        ("if not stands(KEYS[1], ARGV[1], ARGV[2]) then", "if false then"),
        ("if foreign or stored ~= base then", "if false then"),
    )


def stale_siblings() -> None:
    """Publish what was derived from siblings that have moved since (rule 3)."""
    _alter_script(
        "write.lua",
        (
            "local function unmoved(state, siblings, others)\n",
            "local function unmoved()\n  if true then return true end\n",
        ),
    )


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
    """Change the cache as soon as a batch is folded (rule 4)."""
    original = ProfileUpdater.fold

    async def fold(self: ProfileUpdater, batch: Batch) -> Update:
        update = await original(self, batch)
        for change in update.changes:
            self._cache.put(change.customer, Cached(change.sections, b"\x80"))
        return update

    ProfileUpdater.fold = fold  # type: ignore[method-assign]


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
