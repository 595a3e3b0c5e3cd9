"""Looks every few seconds whether servers answer and whether the consumer gets on."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

import structlog
from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec as Spec  # type: ignore[attr-defined] # is exported
from faust.types import TP

from streams.patience import SERVER_ERRORS, Outages, Patience
from streams.service.admin import Admin
from streams.service.watch import Look, Watch
from streams.transport.driver import Consumer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from confluent_kafka.admin import AdminClient

    from profiles.stores.client import Client
    from streams.transport import RecordBatchApp

log = structlog.get_logger()

LOOK_SECONDS = 5.0
LATEST = Spec.latest()  # type: ignore[no-untyped-call]  # of confluent_kafka

ANSWER_SECONDS = 5.0
"""A server that has not answered within that time is away."""

ATTEMPT_SECONDS = 60.0
"""An attempt that has neither succeeded nor failed within that time waits for no server."""


class Watchdog:
    """Notes outages that nobody else notices, and tells when the consumer is stuck.

    It asks Kafka through a client of its own: the consumer's may be what is stuck.
    """

    def __init__(
        self,
        brokers: list[str],
        redis: Client,
        outages: Outages,
        on_look: Callable[[], None],
    ) -> None:
        self.watch = Watch()
        self._admin = Admin(brokers)
        self._redis = redis
        self._outages = outages
        self._on_look = on_look
        self._patience = Patience(outages)

    async def until_stuck(self, app: RecordBatchApp, seconds: float) -> None:
        """Look again and again; return once something was stuck for so long."""
        while not (self.watch.stuck(seconds) and seconds):
            await asyncio.sleep(LOOK_SECONDS)
            self.watch = self.watch.after(await self._look(app))
            self._on_look()
        log.error("stuck: nothing is consumed", seconds_by_partition=self.watch.stuck(seconds))

    async def _look(self, app: RecordBatchApp) -> Look:
        positions = positions_of(app)
        ends: Mapping[TP, int] = {}
        try:
            ends = await self._ask(positions or {})
        except SERVER_ERRORS as error:
            self._patience.failed(error)
        else:
            self._patience.succeeded()
        in_step = frozenset(app.alignment.waiting if app.alignment else ())
        waiting = self._outages.failed_lately(ATTEMPT_SECONDS)
        return Look(time.monotonic(), positions, ends, waiting, in_step)

    async def _ask(self, tps: Collection[TP]) -> Mapping[TP, int]:
        await self._redis.ping()
        return await self._admin.ask(partial(_ends, tps=tps))


async def _ends(client: AdminClient, tps: Collection[TP]) -> Mapping[TP, int]:
    """Return the ends of the logs; for no partition, ask whether Kafka is there."""
    if not tps:
        await asyncio.to_thread(client.list_topics, timeout=ANSWER_SECONDS)
        return {}
    asked = client.list_offsets(
        {TopicPartition(*tp): LATEST for tp in tps},
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=ANSWER_SECONDS,
    )
    found = await asyncio.gather(*map(asyncio.wrap_future, asked.values()))
    places = (TP(place.topic, place.partition) for place in asked)
    return {tp: each.offset for tp, each in zip(places, found, strict=True)}


def positions_of(app: RecordBatchApp) -> Mapping[TP, int | None] | None:
    """Return how far each partition is done; None outside the group."""
    consumer = app._consumer
    return consumer.positions() if isinstance(consumer, Consumer) else None
