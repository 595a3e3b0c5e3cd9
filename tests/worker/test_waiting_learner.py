"""Two learners of one topic: the one that waited goes on where the other has ended."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import structlog
from confluent_kafka import Producer
from pydantic import SecretStr
from redis.asyncio import Redis

from profiles.keyspace import model_key
from profiles.settings import Settings
from schemas.examples import PARTITION, Example, encode
from schemas.topics import EXAMPLES
from streams.embedded import EmbeddedStack
from streams.learn.app import learner_app
from streams.learn.restore import restore_learner
from streams.learn.tasks import learner_of
from streams.patience import Outages
from streams.run.stack import create_topics
from streams.transport import RecordBatchApp, serve
from tests.learning.shop import examples

KEY = b"k" * 32
WAIT_SECONDS = 120  # a bound, not an expectation
STREAM = examples(600)


class Shop:
    """Servers, examples that come in, and what is published of them."""

    def __init__(self, stack: EmbeddedStack) -> None:
        create_topics(stack.kafka)
        self.settings = Settings(
            kafka=stack.kafka,
            redis_url=stack.redis_url,
            model_key=SecretStr(KEY.decode()),
            session_timeout_seconds=3,
            snapshot_seconds=0.2,
        )
        self._producer = Producer({"bootstrap.servers": stack.kafka})
        self._redis = Redis.from_url(stack.redis_url)

    async def learner(self) -> RecordBatchApp:
        return await learner_app(self.settings, KEY, Outages())

    def send(self, stream: Sequence[Example]) -> None:
        for example in stream:
            self._producer.produce(EXAMPLES, b"[" + encode(example) + b"]", partition=PARTITION)
        assert self._producer.flush(WAIT_SECONDS) == 0

    async def until_published(self, position: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while await self._redis.hget(model_key("churn"), "position") != b"%d" % position:
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def owning(app: RecordBatchApp) -> AsyncIterator[None]:
    """Run a learner as the only one of its group."""
    stop = asyncio.Event()
    running = asyncio.create_task(serve(app, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def test_who_waited_goes_on_with_what_was_published_meanwhile(redis_server: object) -> None:
    """When it started there was nothing yet; what it then knew would be published over the rest."""
    undisturbed = learner_of(Settings())
    undisturbed.learn(STREAM)
    with EmbeddedStack() as stack:
        shop = Shop(stack)
        first, second = await shop.learner(), await shop.learner()
        shop.send(STREAM[:800])
        async with owning(first):
            await shop.until_published(800)
        with structlog.testing.capture_logs() as lines:
            async with owning(second):
                shop.send(STREAM[800:])
                await shop.until_published(len(STREAM))
        restored = await asyncio.to_thread(restore_learner, shop.settings, KEY)
    assert [line["version"] for line in lines if line["event"] == "learner restored"] == [800]
    assert restored.learner.parameters() == undisturbed.parameters()
