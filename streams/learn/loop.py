"""Learn batch by batch; publish what was learnt every few seconds or thousand examples."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgpack
import orjson
import structlog

from profiles.keyspace import model_key as key_of_model
from profiles.learning.snapshot import take
from profiles.settings import Settings
from profiles.stores.client import Client
from schemas.examples import Entry, MalformedExampleError, decode
from schemas.topics import MODELS
from streams.learn import shelf
from streams.learn.aside import aside
from streams.learn.restore import Beginning
from streams.outbox import Message, Outbox
from streams.patience import SERVER_ERRORS, Outages, Patience
from streams.pieces import pieces
from streams.transport import Record, RecordBatch
from streams.worker.models import PARTITION, SCORES_KEY, SNAPSHOT_KEY, seal

log = structlog.get_logger()

PAUSE = 9
"""Times that a snapshot took to write, to rest before the next: a tenth of a core at most."""


class Publication(NamedTuple):
    """A learner as it was at one moment: signed records, and cards (JSON) by task."""

    snapshot: bytes
    scores: bytes
    cards: dict[str, bytes]


class LearnerLoop:
    """A learner with its place in the examples and its publications.

    Snapshot and place are one record: after a crash the examples behind it are learnt again, so
    each is learnt once by what is published. The flow goes on meanwhile (`streams.learn.aside`).

    Only who owns the examples publishes: `owned` is asked (with the position up to which this
    learner is done) before a learner is written down, and again before that is sent. Who comes to
    own them has to `take_over`.
    """

    def __init__(
        self,
        beginning: Beginning,
        owned: Callable[[int], Awaitable[bool]],
        outbox: Outbox,
        redis: Client,
        settings: Settings,
        model_key: bytes,
        outages: Outages,
    ) -> None:
        self._owned = owned
        self._outbox = outbox
        self._redis = redis
        self._topic = settings.topic_prefix + MODELS
        self._directory = settings.snapshot_directory
        self._every_examples = settings.snapshot_examples
        self._every_seconds = settings.snapshot_seconds
        self._key = model_key
        self._tried_at = time.monotonic()
        self._took = 0.0  # seconds, to write the last snapshot
        self._failed = False
        self._patience = Patience(outages)
        self._publishing: asyncio.Task[None] | None = None
        self._go_on(beginning)

    @property
    def version(self) -> int:
        """How many examples the learner has taken."""
        return self._learner.version

    def take_over(self, newer: Beginning | None) -> None:
        """Own the examples from now on; go on with what another owner has published, if newer.

        It is published again, even where nothing is new: whoever published it may have been
        killed half-way, or somebody who did not own them any more have come after.
        """
        if newer is not None:
            self._go_on(newer)
        self._published_position = -1

    def _go_on(self, beginning: Beginning) -> None:
        self._learner, self.position, self._turn = beginning
        self._published_version, self._published_position = self._learner.version, -1

    async def learn(self, batch: RecordBatch) -> bool:
        """Learn a batch; False where it is not the next one and reading has to go back."""
        if batch.from_position != self.position:
            return False
        learner = self._learner
        for record in batch.records:
            learner.learn(_entries(record))
            self.position = record.offset + 1
            await asyncio.sleep(0)  # a record holds hundreds of examples: others have a turn
            if self._learner is not learner:  # the partition went and came back meanwhile
                return False
        self.position = batch.next_position
        if self._enough:
            self._begin_publishing()
        return True

    async def publish_if_due(self) -> None:
        """Publish what is new, if the last attempt is long enough ago."""
        if self._due and self.position != self._published_position:
            self._begin_publishing()
            await self.published()

    async def published(self) -> None:
        """Wait until what is being published has been."""
        if self._publishing is not None:
            await self._publishing

    async def publish(self) -> None:
        """Send snapshot and scores on their ways, and the cards to Redis.

        Where a server is away this time, the next one publishes more: nothing is lost by it.
        """
        try:
            if await self._owned(self.position):
                await self._publish()
        except SERVER_ERRORS as error:
            self._failed = True
            self._patience.failed(error)
        self._tried_at = time.monotonic()

    async def _publish(self) -> None:
        began, learner, turn = time.monotonic(), self._learner, self._turn
        version, position = learner.version, self.position
        record = Publication(*msgpack.unpackb(await aside(self._written)))
        self._took = time.monotonic() - began  # what follows is waiting, and works nobody
        if not await self._owned(position) or self._learner is not learner:
            return  # somebody else is further by now
        await self._keep(record.snapshot, version)
        await self._send(SCORES_KEY, record.scores, version)
        await self._show_cards(record, version, position)
        self._failed = False
        self._patience.succeeded()
        if self._learner is learner:
            self._published_version, self._published_position = version, position
            self._turn = turn + 1

    @property
    def _enough(self) -> bool:
        new = self._learner.version - self._published_version
        # a server that is away is not pestered, and large models are not written all the time
        rested = time.monotonic() - self._tried_at >= PAUSE * self._took
        return new >= self._every_examples and rested and (self._due or not self._failed)

    @property
    def _due(self) -> bool:
        waited = time.monotonic() - self._tried_at
        return waited >= max(self._every_seconds, PAUSE * self._took)

    def _begin_publishing(self) -> None:
        if self._publishing is not None:
            if not self._publishing.done():
                return
            self._publishing.result()  # raises what it failed with, if it did
        self._publishing = asyncio.create_task(self.publish())

    def _written(self) -> bytes:
        """Write the learner down: in a process of its own."""
        cards = {card["task"]: orjson.dumps(card) for card in self._learner.cards()}
        snapshot = take(self._learner, self.position, self._key)
        scores = seal(self._learner.export(), self._key)
        packed: bytes = msgpack.packb([snapshot, scores, cards])
        return packed

    async def _keep(self, snapshot: bytes, version: int) -> None:
        if self._directory is None:
            await self._send(SNAPSHOT_KEY, snapshot, version)
        else:
            await asyncio.to_thread(shelf.put, self._directory, snapshot)

    async def _send(self, key: bytes, value: bytes, version: int) -> None:
        await self._outbox.send(
            Message(self._topic, piece.key, piece.value, None, PARTITION)
            for piece in pieces(key, value, version, self._turn)
        )

    async def _show_cards(self, record: Publication, version: int, position: int) -> None:
        for task, card in record.cards.items():
            fields: Any = {"card": card, "version": version, "position": position}
            await self._redis.hset(key_of_model(task), mapping=fields)


def _entries(record: Record) -> list[Entry]:
    try:
        entries, malformed = decode(record.value or b"")
    except MalformedExampleError as error:
        entries, malformed = [], [error]
    for each in malformed:  # its value would be a customer's words
        where = {"offset": record.offset, "row": each.evidence.get("row")}
        log.error("not an example", **where, error=each.message, expected=each.expected)
    return entries
