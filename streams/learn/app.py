"""The learner's Faust app: a consumer group of its own, so it never slows the profiles down."""

import asyncio
from functools import partial
from typing import Any, cast

import faust
import structlog
from faust.types import TP

from profiles.settings import Settings
from profiles.stores.client import connect
from schemas.examples import PARTITION
from schemas.topics import EXAMPLES
from streams.learn.loop import LearnerLoop
from streams.learn.restore import newer_learner, restore_learner
from streams.outbox import Outbox
from streams.patience import Outages, Patience
from streams.transport import RecordBatchApp, batch_topic, record_batch_app
from streams.transport.driver import Consumer

log = structlog.get_logger()

GROUP = "portrait-learner"
PUBLISH_LOOK_SECONDS = 0.5
FETCH_BYTES = 1024 * 1024  # some thousand examples: a batch is learnt in a second or so


async def learner_app(settings: Settings, model_key: bytes, outages: Outages) -> RecordBatchApp:
    """Return the app that learns, once it has found its newest snapshot."""
    beginning = await Patience(outages).insist(
        lambda: asyncio.to_thread(restore_learner, settings, model_key)
    )
    examples = TP(settings.topic_prefix + EXAMPLES, PARTITION)

    async def owned(position: int) -> bool:
        return await cast("Consumer", app.consumer).claim(examples, position)

    loop = LearnerLoop(
        beginning,
        owned,
        Outbox(settings.brokers),
        connect(settings.redis_url),
        settings,
        model_key,
        outages,
    )

    async def resume_positions(tps: set[TP]) -> dict[TP, int | None]:
        if examples in tps:  # another learner may have owned them meanwhile
            ask = partial(newer_learner, settings, model_key, loop.version)
            loop.take_over(await asyncio.to_thread(ask))
        return {tp: loop.position if tp == examples else None for tp in tps}

    async def out_of_range(tp: TP, wanted: int, beginning: int, end: int) -> int:
        log.error("examples lost", wanted=wanted, beginning=beginning, end=end)
        loop.position = beginning
        return beginning

    app = record_batch_app(
        settings.topic_prefix + GROUP,
        settings.brokers,
        resume_positions,
        out_of_range,
        max_records=settings.batch_records,
        max_fetch_bytes=FETCH_BYTES,
        session_timeout_seconds=settings.session_timeout_seconds,
        outages=outages,
    )

    async def learn(batches: faust.StreamT[Any]) -> None:
        async for batch in batches:
            if batch.tp == examples and not await loop.learn(batch):
                await cast("Consumer", app.consumer).seek(batch.tp, loop.position)

    app.agent(batch_topic(app, examples.topic), name=examples.topic)(learn)

    @app.timer(PUBLISH_LOOK_SECONDS)  # type: ignore[untyped-decorator]  # faust's
    async def publish() -> None:
        await loop.publish_if_due()

    return app
