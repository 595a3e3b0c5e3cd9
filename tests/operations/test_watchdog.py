"""The watchdog on a consumer that reads: it barks where nothing gets on, and only there."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisAwayError
from structlog.testing import capture_logs

from streams.patience import Outages, Patience
from streams.service import watchdog as watchdog_module
from streams.service.watchdog import Watchdog, positions_of
from streams.transport import batch_topic
from tests.transport.conftest import (  # noqa: F401 - the broker is a fixture of the log
    WAIT_SECONDS,
    Log,
    broker,
    collect,
    log,
    running,
)

STUCK_SECONDS = 0.3


class StubRedis:
    """Answers, or is away."""

    away = False

    def __init__(self) -> None:
        self.asked = 0

    async def ping(self) -> bool:
        self.asked += 1
        if self.away:
            raise RedisAwayError("away")
        return True


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_module, "LOOK_SECONDS", 0.05)


@pytest.fixture
def redis() -> StubRedis:
    return StubRedis()


def watchdog_of(log: Log, redis: StubRedis) -> Watchdog:  # noqa: F811 - pytest's way
    return Watchdog([log.bootstrap], redis, Outages(), lambda: None)


def hanging_app(log: Log):  # noqa: F811
    log.fill(10)
    app = log.app()

    @app.agent(batch_topic(app, log.topic))
    async def hangs(stream):
        async for _ in stream:
            await asyncio.Event().wait()

    return app


async def until_asked(redis: StubRedis, times: int) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while redis.asked < times:
            await asyncio.sleep(0.01)


async def test_an_agent_that_hangs_is_noticed(log, redis, monkeypatch):  # noqa: F811
    monkeypatch.setattr("streams.transport.run.FINISH_SECONDS", 0.05)
    app = hanging_app(log)
    with capture_logs() as entries:
        async with running(app), asyncio.timeout(WAIT_SECONDS):
            await watchdog_of(log, redis).until_stuck(app, STUCK_SECONDS)
    (entry,) = entries
    assert list(entry["seconds_by_partition"]) == [f"{log.topic}/0"]


async def test_one_whose_attempt_hangs_is_noticed_though_a_server_was_away(
    log,  # noqa: F811
    redis,
    monkeypatch,
):
    """Else whatever hangs after an outage would be taken for the outage, for ever."""
    monkeypatch.setattr("streams.transport.run.FINISH_SECONDS", 0.05)
    monkeypatch.setattr(watchdog_module, "ATTEMPT_SECONDS", 0.5)
    app, outages = hanging_app(log), Outages()
    Patience(outages).failed(RedisAwayError())
    watchdog = Watchdog([log.bootstrap], redis, outages, lambda: None)
    async with running(app), asyncio.timeout(WAIT_SECONDS):
        await watchdog.until_stuck(app, STUCK_SECONDS)
    assert list(outages.away()) == ["redis"]


async def test_one_that_waits_for_redis_is_left_alone(log, redis, monkeypatch):  # noqa: F811
    monkeypatch.setattr("streams.transport.run.FINISH_SECONDS", 0.05)
    app = hanging_app(log)
    redis.away = True
    async with running(app):
        watching = asyncio.create_task(watchdog_of(log, redis).until_stuck(app, STUCK_SECONDS))
        await until_asked(redis, 20)
        assert not watching.done()
        watching.cancel()


async def test_one_that_has_read_everything_is_left_alone(log, redis):  # noqa: F811
    log.fill(10)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(10)
        watching = asyncio.create_task(watchdog_of(log, redis).until_stuck(app, STUCK_SECONDS))
        await until_asked(redis, 20)
        assert not watching.done()
        watching.cancel()
        positions = positions_of(app)
    assert positions is not None
    assert sum(position or 0 for position in positions.values()) == 10
