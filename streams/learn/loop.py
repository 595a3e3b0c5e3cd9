"""Learn batch by batch; publish what was learnt every few seconds or thousand examples."""

import asyncio
import time

import orjson
import structlog

from profiles.keyspace import model_key as key_of_model
from profiles.learning.learner import Learner
from profiles.learning.snapshot import take
from profiles.settings import Settings
from profiles.stores.client import Client
from schemas.examples import Entry, MalformedExampleError, decode
from schemas.topics import MODELS
from streams.outbox import Message, Outbox
from streams.patience import SERVER_ERRORS, Outages, Patience
from streams.transport import Record, RecordBatch
from streams.worker.models import PARTITION, SCORES_KEY, SNAPSHOT_KEY, seal

log = structlog.get_logger()


class LearnerLoop:
    """A learner with its place in the examples and its publications.

    Snapshot and place are one record: after a crash the examples behind it are learnt again, so
    each is learnt once by what is published.
    """

    def __init__(
        self,
        learner: Learner,
        position: int,
        outbox: Outbox,
        redis: Client,
        settings: Settings,
        model_key: bytes,
        outages: Outages,
    ) -> None:
        self.position = position
        self._learner = learner
        self._outbox = outbox
        self._redis = redis
        self._topic = settings.topic_prefix + MODELS
        self._every_examples = settings.snapshot_examples
        self._every_seconds = settings.snapshot_seconds
        self._key = model_key
        self._published_version = learner.version
        self._published_position = -1
        self._tried_at = time.monotonic()
        self._failed = False
        self._patience = Patience(outages)

    async def learn(self, batch: RecordBatch) -> bool:
        """Learn a batch; False where it is not the next one and reading has to go back."""
        if batch.from_position != self.position:
            return False
        for record in batch.records:
            self._learner.learn(_entries(record))
            await asyncio.sleep(0)  # a record holds hundreds: let the others have a turn
        self.position = batch.next_position
        enough = self._learner.version - self._published_version >= self._every_examples
        if enough and (self._due or not self._failed):  # a server that is away is not pestered
            await self.publish()
        return True

    async def publish_if_due(self) -> None:
        """Publish what is new, if the last attempt is long enough ago."""
        if self._due and self.position != self._published_position:
            await self.publish()

    @property
    def _due(self) -> bool:
        return time.monotonic() - self._tried_at >= self._every_seconds

    async def publish(self) -> None:
        """Send snapshot and scores to the models topic, and the cards to Redis.

        Where a server is away this time, the next one publishes more: nothing is lost by it.
        """
        version, position = self._learner.version, self.position
        snapshot = take(self._learner, position, self._key)
        scores = seal(self._learner.export(), self._key)
        try:
            await self._outbox.send(
                [
                    Message(self._topic, SNAPSHOT_KEY, snapshot, None, PARTITION),
                    Message(self._topic, SCORES_KEY, scores, None, PARTITION),
                ]
            )
            await self._show_cards(position)
            self._published_version, self._published_position = version, position
            self._failed = False
            self._patience.succeeded()
        except SERVER_ERRORS as error:
            self._failed = True
            self._patience.failed(error)
        self._tried_at = time.monotonic()

    async def _show_cards(self, position: int) -> None:
        for card in self._learner.cards():
            version: int = card["version"]
            await self._redis.hset(
                key_of_model(card["task"]),
                mapping={"card": orjson.dumps(card), "version": version, "position": position},
            )


def _entries(record: Record) -> list[Entry]:
    try:
        entries, malformed = decode(record.value or b"")
    except MalformedExampleError as error:
        entries, malformed = [], [error]
    for each in malformed:
        log.error("not an example", offset=record.offset, error=str(each))
    return entries
