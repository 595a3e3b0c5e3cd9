"""The worker's Faust app: one thin agent per topic of events."""

from typing import Any, cast

import faust
import structlog
from faust.types import TP

from profiles.audiences.store import AudienceStore
from profiles.cache import SectionCache
from profiles.chosen import folding_of, reasons_of, traits_of
from profiles.derive import Deriver
from profiles.keyspace import POPULATION_TURN_KEY, SEGMENTS_TURN_KEY
from profiles.population.store import PopulationStore
from profiles.refresh import Refresher
from profiles.scores import LiveScores
from profiles.settings import Settings
from profiles.stores.client import Client, connect, store_of
from profiles.update import ProfileUpdater
from schemas.topics import KINDS, MODELS, event_topic
from streams.outbox import Outbox
from streams.patience import Outages, Patience
from streams.transport import RecordBatchApp, batch_topic, record_batch_app
from streams.transport.alignment import Alignment
from streams.transport.driver import Consumer
from streams.transport.lanes import follow as follow_lanes
from streams.worker.audiences import sort_customers
from streams.worker.epochs import TopicEpochs
from streams.worker.models import follow
from streams.worker.pipeline import Pipeline
from streams.worker.population import LOOK_SECONDS, Census
from streams.worker.standing import Standings
from streams.worker.turns import Turns

log = structlog.get_logger()

GROUP = "portrait"
COMPARE_SECONDS = 3.0
ACCOUNT_SECONDS = 60.0
HOUR_MS = 3_600_000


class ConsumerLog:
    """The logs as the app's consumer sees them; the app is set once it is made."""

    app: RecordBatchApp

    async def beginning(self, tp: TP) -> int:
        """Return the first position still in the log."""
        return (await self._consumer.bounds({tp}))[tp].beginning

    def is_ours(self, tp: TP) -> bool:
        """Tell whether the partition is this worker's at the moment."""
        return self._consumer.owns(tp)

    def delivered(self, tp: TP) -> int | None:
        """Return the position behind the last batch handed over, None while it is under way."""
        return self._consumer.delivered(tp)

    async def seek(self, tp: TP, position: int) -> None:
        """Read on from a position."""
        await self._consumer.seek(tp, position)

    @property
    def _consumer(self) -> Consumer:
        return cast("Consumer", self.app.consumer)  # the transport of a RecordBatchApp makes it


async def worker_app(settings: Settings, model_key: bytes, outages: Outages) -> RecordBatchApp:
    """Return the app that keeps profiles up to date."""
    redis = connect(settings.redis_url)
    store = store_of(redis)
    scores = LiveScores(reasons_of(settings) if settings.learning else ())
    standings = Standings(
        store,
        TopicEpochs(settings.brokers, settings.epoch),
        settings.topic_prefix,
        settings.on_recreated_topic,
        settings.on_truncated_log,
    )
    folding = folding_of(settings)
    cache = SectionCache(settings.cache_megabytes << 20)
    source = ConsumerLog()
    traits = traits_of(settings)
    deriver = Deriver(traits, settings.base_currency, scores, scores.of_words)
    updater = ProfileUpdater(
        store,
        cache,
        deriver,
        folding,
        settings.event_share,
        settings.learning_share if settings.learning else 0.0,
    )
    await Patience(outages).insist(updater.agree)
    pipeline = Pipeline(
        updater,
        Outbox(settings.brokers),
        standings,
        source,
        outages,
        topic_prefix=settings.topic_prefix,
        max_future_ms=int(settings.max_future_hours * HOUR_MS),
    )
    topics = [event_topic(kind, settings.topic_prefix) for kind in KINDS]
    app = source.app = record_batch_app(
        settings.topic_prefix + GROUP,
        settings.brokers,
        pipeline.place,
        pipeline.out_of_range,
        max_records=settings.batch_records,
        session_timeout_seconds=settings.session_timeout_seconds,
        outages=outages,
        # questions must not know what comes later; where nobody asks, nobody waits
        alignment=Alignment(topics) if settings.learning else None,
    )
    for topic in topics:
        _add_agent(app, pipeline, topic, settings.batch_records)

    turns = Turns(redis, POPULATION_TURN_KEY, settings.population_seconds)
    census = Census(PopulationStore(redis), traits, turns, limit=settings.population_sample)
    _add_census(app, census, deriver)
    _add_audiences(app, redis, settings.audience_seconds)
    if settings.refresh_seconds:
        refresher = Refresher(store, cache, deriver, standings.stand, folding)
        _add_refresh(app, refresher, pipeline, settings)

    @app.timer(COMPARE_SECONDS)  # type: ignore[untyped-decorator]  # faust's
    async def compare() -> None:
        await pipeline.compare()

    @app.timer(ACCOUNT_SECONDS)  # type: ignore[untyped-decorator]
    async def account() -> None:
        pipeline.account()

    if settings.learning:

        @app.task  # type: ignore[untyped-decorator]  # faust's
        async def follow_models() -> None:
            models = settings.topic_prefix + MODELS
            await follow(settings.brokers, models, model_key, scores, outages)

    return app


def _add_agent(app: RecordBatchApp, pipeline: Pipeline, topic: str, max_records: int) -> None:
    async def profile(batches: faust.StreamT[Any]) -> None:
        await follow_lanes(app, batches, pipeline.process, max_records)

    app.agent(batch_topic(app, topic), name=topic)(profile)


def _add_census(app: RecordBatchApp, census: Census, deriver: Deriver) -> None:
    @app.timer(LOOK_SECONDS)  # type: ignore[untyped-decorator]
    async def compare_with_the_population() -> None:
        deriver.edges = await Patience(app.outages).insist(census.edges)


def _add_audiences(app: RecordBatchApp, redis: Client, every_seconds: float) -> None:
    store, turns = AudienceStore(redis), Turns(redis, SEGMENTS_TURN_KEY, every_seconds)

    @app.timer(LOOK_SECONDS)  # type: ignore[untyped-decorator]
    async def sort_into_audiences() -> None:
        await Patience(app.outages).insist(lambda: turns.work(lambda: sort_customers(store)))


def _add_refresh(
    app: RecordBatchApp, refresher: Refresher, pipeline: Pipeline, settings: Settings
) -> None:
    @app.timer(settings.refresh_seconds)  # type: ignore[untyped-decorator]  # faust's
    async def refresh() -> None:
        written = await Patience(app.outages).insist(
            lambda: refresher.tick(pipeline.clock.common, settings.refresh_customers)
        )
        log.debug("refreshed", customers=written)
