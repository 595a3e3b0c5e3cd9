"""Where a journey can be made: the memory store, or a broker and a store with processes on them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from pydantic import SecretStr

from profiles.settings import Settings
from streams.embedded import EmbeddedBroker
from streams.embedded.broker import PARTITIONS
from streams.run.stack import create_topics
from streams.topics import create_missing
from tests.conftest import emptied
from tests.journey.command import Run
from tests.journey.memory import in_memory
from tests.journey.servers import on_servers

ALL = ("memory", "embedded-redis", "embedded-cluster", "kafka-redis", "kafka-cluster")

Place = Callable[..., Run]
"""Takes records, and the roles to be killed on the way, if any; returns what became of them."""


@contextmanager
def place(name: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A place with an empty store and empty topics; skipped where its servers cannot be had."""
    if name == "memory":
        yield in_memory
        return
    broker, store = name.split("-")
    home = request.getfixturevalue("tmp_path_factory").mktemp(name)
    with BROKERS[broker](request) as settings:
        url = _emptied(store, request)
        yield partial(on_servers, settings.model_copy(update={"redis_url": url}), home)


@contextmanager
def _embedded(request: pytest.FixtureRequest) -> Iterator[Settings]:
    with EmbeddedBroker() as broker:
        create_topics(broker.bootstrap)
        yield _settings(
            kafka=broker.bootstrap,
            topic_prefix="",
            epoch=broker.epoch,
            session_timeout_seconds=2,
        )


@contextmanager
def _kafka(request: pytest.FixtureRequest) -> Iterator[Settings]:
    brokers, prefix = request.getfixturevalue("kafka"), f"test-{secrets.token_hex(4)}."
    create_missing(brokers, prefix, PARTITIONS)
    shortest = 6  # seconds, that a broker as it comes allows
    yield _settings(kafka=brokers, topic_prefix=prefix, session_timeout_seconds=shortest)


BROKERS = {"embedded": _embedded, "kafka": _kafka}


def _settings(**settings: object) -> Settings:
    """Settings under which profiles speak of their customers' latest events, however late it is."""
    return Settings(
        base_currency="GBP",
        refresh_seconds=0,
        model_key=SecretStr(secrets.token_hex(32)),
        log_format="json",
        **settings,
    )


def _emptied(store: str, request: pytest.FixtureRequest) -> str:
    if store == "redis":
        return emptied(request.getfixturevalue("redis_server"))
    cluster = request.getfixturevalue("redis_cluster")
    cluster.flush()
    return str(cluster.url)
