"""Servers and data that tests of several packages share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import settings

from streams.embedded import EmbeddedRedis, EmbeddedServerError

settings.register_profile("portrait", deadline=None)  # the machine may be busy
settings.load_profile("portrait")

DATA = Path(__file__).parents[2] / "shared" / "data"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # started in the background: commands under test would inherit it and not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    """A real server; without one, tests skip here and fail in continuous integration."""
    try:
        server = EmbeddedRedis()
    except EmbeddedServerError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Redis: {error}")
    with server:
        yield server


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """The address of an empty Redis."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def data() -> Path:
    """The directory of public data sets, which are no part of the project."""
    if not DATA.is_dir():
        pytest.skip("no public data in ../shared/data")
    return DATA
