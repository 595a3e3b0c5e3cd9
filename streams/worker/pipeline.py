"""What happens to a batch: decode, fold, send onward, store, move the mark (docs/protocol.md)."""

from dataclasses import asdict, dataclass, replace
from functools import partial

import structlog
from faust.types import TP

from profiles.changes import Batch, Update
from profiles.errors import StoreMovedError
from profiles.examples import examples_of
from profiles.learning.clock import RECENT, Clock
from profiles.store import Mark
from profiles.update import ProfileUpdater
from schemas.decode import Decoded, decode
from schemas.examples import PARTITION as EXAMPLES_PARTITION
from schemas.examples import encode, records
from schemas.topics import EXAMPLES
from streams.dead import dead_letter, dead_topic
from streams.outbox import Message, Outbox
from streams.patience import Outages, Patience
from streams.transport import RecordBatch
from streams.worker.standing import Log, Standing, Standings

log = structlog.get_logger()

SILENCE = 5_000
"""Observations of the clock (at most RECENT for each batch), after which a partition that was not
among them holds nobody back: days of a small shop, and several turns of a worker that catches up.
Only when silent customers are refreshed is at stake."""


@dataclass(slots=True)
class Counts:
    """What this process has done since it started; not the truth, which is in the sections."""

    batches: int = 0
    records: int = 0
    counted: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Work:
    """A batch under work, tried until servers take it; `sent`: Kafka has its messages."""

    batch: RecordBatch
    standing: Standing
    sent: bool = False


class Pipeline:
    """Carries batches from a partition's log into the profiles, each record once."""

    def __init__(
        self,
        updater: ProfileUpdater,
        outbox: Outbox,
        standings: Standings,
        source: Log,
        outages: Outages,
        *,
        topic_prefix: str,
        max_future_ms: int,
    ) -> None:
        self.counts = Counts()
        self._accounted = Counts()
        self.clock = Clock(grace_ms=0, silence=SILENCE)
        self._updater = updater
        self._outbox = outbox
        self._standings = standings
        self._log = source
        self._outages = outages
        self._prefix = topic_prefix
        self._max_future_ms = max_future_ms
        self._busy: set[TP] = set()
        self._dead_partitions = 0

    async def process(self, batch: RecordBatch) -> None:
        """Take one batch all the way, however long servers are away; resume where it must."""
        standing = self._standings.get(batch.tp)
        if standing is None or batch.from_position != standing.position:
            await self.resume(batch.tp)
            return
        self._busy.add(batch.tp)
        try:
            await Patience(self._outages).insist(partial(self._take, Work(batch, standing)))
        except StoreMovedError as error:
            log.warning("store moved", error=str(error))
            await self.resume(batch.tp)
        finally:
            self._busy.discard(batch.tp)

    async def place(self, tps: set[TP]) -> dict[TP, int]:
        """Say where to read partitions that come to this worker, and forget what was cached."""
        patience = Patience(self._outages)
        positions = {tp: await patience.insist(partial(self._stand, tp)) for tp in tps}
        log.info("resumed", positions=_by_name(positions))
        return positions

    async def out_of_range(self, tp: TP, wanted: int, beginning: int, end: int) -> int:
        """Say where to go on when a log does not hold the position that its mark gave.

        Raises:
            PositionOutOfRangeError: events are gone, or the log is another one.
        """
        while not beginning <= wanted <= end:
            try:
                return await self._standings.out_of_range(tp, wanted, beginning, end)
            except StoreMovedError as error:  # Redis is another, or a batch ended
                log.warning("store moved", error=str(error))
                wanted = await self._stand(tp)
        return wanted

    async def resume(self, tp: TP) -> None:
        """Start again from what the store holds."""
        self._standings.forget(tp)
        positions = await self.place({tp})
        await self._log.seek(tp, positions[tp])

    async def compare(self) -> None:
        """Look for what no batch would tell: a store that went back, a last batch that was lost."""
        for tp, standing in self._standings.all():
            if not self._log.is_ours(tp):
                self._standings.forget(tp)
                self.clock.forget(standing.partition)
                continue
            position = standing.position
            ask = partial(self._standings.moved, tp, standing)
            moved = await Patience(self._outages).insist(ask)
            if moved or self._lost(tp, position):
                idle = tp not in self._busy and standing.position == position
                if idle and self._standings.get(tp) is standing:
                    await self.resume(tp)

    def _lost(self, tp: TP, position: int) -> bool:
        """Tell whether a batch was handed over, and neither is under way nor was taken."""
        return self._log.delivered(tp) not in (None, position)

    def account(self) -> None:
        """Log what was done so far, if that is more than when it was last logged."""
        if self.counts != self._accounted:
            self._accounted = replace(self.counts)
            log.info("done so far", **asdict(self.counts))

    async def _stand(self, tp: TP) -> int:
        try:
            standing = await self._standings.resume(tp, self._log)
        except StoreMovedError:  # somebody else has just set the mark: stand on theirs
            standing = await self._standings.resume(tp, self._log)
        self._updater.forget()  # what is cached may be older than the mark just read
        return standing.position

    async def _take(self, work: Work) -> None:
        batch, standing = work.batch, work.standing
        decoded = decode(standing.partition.kind, batch.records, self._max_future_ms)
        events = [(batch.records[index].offset, event) for index, event in decoded.accepted]
        update = await self._updater.fold(Batch(standing.partition, standing.epoch, events))
        if not work.sent:
            if update.moments:  # a fold of a store that went back would find others
                await self._standings.confirm(standing)
            await self._send_onward(batch, standing, decoded, update)
            work.sent = True
        mark = Mark(standing.epoch, batch.next_position)
        standing.footing = await self._updater.write(standing.footing, update, mark)
        standing.position = batch.next_position
        for _, event in events[-RECENT:]:
            self.clock.observe(standing.partition, event["ts"])
        self._count(batch, decoded, update)

    async def _send_onward(
        self, batch: RecordBatch, standing: Standing, decoded: Decoded, update: Update
    ) -> None:
        messages = []
        if decoded.rejected:
            where = await self._dead_letter_place(batch.partition)
            messages = [
                dead_letter(batch, batch.records[rejected.index], rejected, standing.epoch, where)
                for rejected in decoded.rejected
            ]
        examples = (
            encode(example)
            for moment in update.moments
            for example in examples_of(moment, standing.partition, standing.epoch)
        )
        messages += [
            Message(self._prefix + EXAMPLES, None, value, None, EXAMPLES_PARTITION)
            for value in records(examples)
        ]
        if messages:
            await self._outbox.send(messages)

    async def _dead_letter_place(self, partition: int) -> tuple[str, int]:
        """Give a source partition always the same partition of dead letters, as ids need it."""
        topic = dead_topic(self._prefix)
        if not self._dead_partitions:
            self._dead_partitions = await self._outbox.partitions(topic)
        return topic, partition % self._dead_partitions

    def _count(self, batch: RecordBatch, decoded: Decoded, update: Update) -> None:
        counts = self.counts
        counts.batches += 1
        counts.records += len(batch.records)
        counts.counted += update.counted
        counts.duplicates += update.duplicates
        counts.rejected += len(decoded.rejected)


def _by_name(positions: dict[TP, int]) -> dict[str, int]:
    return {f"{tp.topic}/{tp.partition}": at for tp, at in sorted(positions.items())}
