"""Crashes, rebalances and shutdowns: nothing is skipped unseen, nothing hangs."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys

import faust
import mode
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from streams.transport import (
    AppCrashedError,
    InsecureCredentialsError,
    batch_topic,
    record_batch_app,
)
from tests.transport.conftest import WAIT_SECONDS, Log, Seen, collect, running


async def test_an_agent_that_raises_ends_the_app_with_its_error(log):
    log.fill(10)
    app = log.app()

    @app.agent(batch_topic(app, log.topic))
    async def broken(stream):
        async for _ in stream:
            raise ZeroDivisionError

    with pytest.raises(AppCrashedError, match=r"crashed: ZeroDivisionError") as caught:
        async with running(app) as task:
            await asyncio.wait({task}, timeout=WAIT_SECONDS)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("client", [AIOKafkaConsumer, AIOKafkaProducer])
async def test_a_kafka_that_goes_away_while_an_app_starts_is_waited_for(log, monkeypatch, client):
    log.fill(10)
    app, start, attempts = log.app(), client.start, []

    async def second_time_only(self):
        attempts.append(self)
        if len(attempts) == 1:
            raise KafkaConnectionError("away")
        await start(self)

    monkeypatch.setattr(client, "start", second_time_only)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(10)
    assert len(attempts) == 2


async def test_where_agents_are_restarted_the_next_batch_reveals_the_hole(log):
    """Faust counts a batch as done when its agent raises; the positions tell that it was not."""
    log.fill(300)
    app = log.app(max_records=100, agent_supervisor=mode.OneForOneSupervisor)
    seen, failed = Seen(), []

    @app.agent(batch_topic(app, log.topic))
    async def fails_once(stream):
        done = 0 if not failed else failed[0].from_position
        async for batch in stream:
            if batch.from_position != done:
                await app.consumer.seek(batch.tp, done)
            elif batch.from_position >= 100 and not failed:
                failed.append(batch)
                raise ZeroDivisionError
            else:
                done = batch.next_position
                await seen.add(batch)

    async with running(app):
        await seen.until_position(300)
    assert len(failed) == 1
    assert seen.offsets() == {0: list(range(300))}


async def test_a_rebalance_asks_again_where_to_resume_and_drops_what_waits(log):
    log.fill(1_000)
    mark = 0
    app_seen, asked = Seen(), []

    async def resume(tps):
        asked.append(mark)
        return {TP(log.topic, 0): mark}

    app = log.app(resume, max_records=50)

    @app.agent(batch_topic(app, log.topic))
    async def agent(stream):
        nonlocal mark
        async for batch in stream:
            if batch.from_position != mark:
                await app.consumer.seek(batch.tp, mark)
                continue
            if batch.from_position >= 500 and len(asked) == 1:
                await rebalance(app, {TP(log.topic, partition) for partition in range(4)})
                continue  # this batch is not counted, the mark stays
            mark = batch.next_position
            await app_seen.add(batch)

    async with running(app):
        await app_seen.until_position(1_000)
    assert len(asked) == 2
    assert asked[0] == 0
    assert asked[1] >= 500
    assert app_seen.offsets() == {0: list(range(1_000))}


async def rebalance(app: faust.App, tps: set[TP]) -> None:
    """What the client does when another member comes or goes, up to the new assignment."""
    consumer = app.consumer
    app.on_rebalance_start()
    await consumer.on_partitions_revoked(tps)
    await consumer.on_partitions_assigned(tps, app.consumer_generation_id)


async def test_the_owner_of_a_partition_is_whom_the_group_takes_commits_from(log):
    log.fill(10)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(10)
        assert await app.consumer.claim(TP(log.topic, 0), 10)
        assert await asyncio.to_thread(log.committed) == 10
        assert not await app.consumer.claim(TP("events.other", 0), 10)
        app.on_rebalance_start()
        assert not await app.consumer.claim(TP(log.topic, 0), 10)


async def test_who_missed_a_generation_of_the_group_owns_nothing_any_more(log):
    """As after a freeze: it has not heard of it yet, and believes that it does."""
    log.fill(10)
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(10)
        app.consumer._thread._consumer._coordinator.generation -= 1
        assert app.consumer.owns(TP(log.topic, 0))
        assert not await app.consumer.claim(TP(log.topic, 0), 10)


async def test_a_stop_lets_the_batch_under_work_finish_and_takes_no_other(log):
    log.fill(1_000)
    app = log.app(max_records=10)
    begun, finished = asyncio.Event(), Seen()

    @app.agent(batch_topic(app, log.topic))
    async def slow(stream):
        async for batch in stream:
            begun.set()
            await asyncio.sleep(0.3)
            await finished.add(batch)

    async with running(app):
        await asyncio.wait_for(begun.wait(), WAIT_SECONDS)
    (batch,) = finished.batches
    assert log.committed() == batch.next_position


async def test_a_stop_does_not_wait_for_ever(log, monkeypatch):
    monkeypatch.setattr("streams.transport.run.FINISH_SECONDS", 0.05)
    log.fill(10)
    app = log.app()
    begun = asyncio.Event()

    @app.agent(batch_topic(app, log.topic))
    async def hangs(stream):
        async for _ in stream:
            begun.set()
            await asyncio.Event().wait()

    async with running(app):
        await asyncio.wait_for(begun.wait(), WAIT_SECONDS)


async def test_two_apps_share_a_process(broker, log):
    other = Log(broker.bootstrap)
    log.fill(10)
    other.fill(20)
    one, two = log.app(), other.app()
    seen_one, seen_two = collect(one, log.topic), collect(two, other.topic)
    async with running(one, two):
        await seen_one.until_position(10)
        await seen_two.until_position(20)


async def test_a_commit_that_fails_is_made_up_for(log, monkeypatch):
    from aiokafka.errors import KafkaConnectionError

    from streams.transport.fetching import aiokafka

    commit, failures = aiokafka.AIOKafkaConsumer.commit, []

    async def fails_twice(self, offsets=None):
        if len(failures) < 2:
            failures.append(offsets)
            raise KafkaConnectionError
        await commit(self, offsets)

    monkeypatch.setattr(aiokafka.AIOKafkaConsumer, "commit", fails_twice)
    log.fill(10)
    app = log.app(broker_commit_interval=0.05)
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(10)
        async with asyncio.timeout(WAIT_SECONDS):
            while await asyncio.to_thread(log.committed) != 10:
                await asyncio.sleep(0.05)
    assert len(failures) == 2


@pytest.mark.parametrize(
    "credentials",
    [faust.SASLCredentials(username="u", password="p"), faust.GSSAPICredentials()],  # noqa: S106
)
def test_sasl_without_tls_is_refused(credentials):
    async def resume(tps):
        return {}

    with pytest.raises(InsecureCredentialsError, match="in the clear"):
        record_batch_app("g", ["127.0.0.1:9092"], resume, credentials=credentials)


def test_sasl_with_tls_is_accepted():
    async def resume(tps):
        return {}

    credentials = faust.SASLCredentials(
        username="u",
        password="p",  # noqa: S106
        ssl_context=ssl.create_default_context(),
    )
    app = record_batch_app("g", ["a:1", "b:2"], resume, credentials=credentials)
    assert app.conf.broker_credentials is credentials
    assert [url.host for url in app.conf.broker_consumer] == ["a", "b"]


PROCESS = """
import asyncio, sys
from streams.embedded import EmbeddedBroker
from streams.transport import batch_topic, record_batch_app, run_apps
import confluent_kafka

async def resume(tps):
    return {}

with EmbeddedBroker() as broker:
    producer = confluent_kafka.Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce("t", b"x")
    producer.flush()
    app = record_batch_app("g", [broker.bootstrap], resume)

    @app.agent(batch_topic(app, "t"))
    async def agent(stream):
        async for batch in stream:
            print("ready", flush=True)
            if sys.argv[1] == "crash":
                raise ZeroDivisionError("by the agent")

    code = run_apps(app)
sys.exit(code)
"""


@pytest.mark.parametrize(("end", "code"), [("SIGTERM", 0), ("SIGINT", 0), ("crash", 1)])
def test_a_process_ends_with_a_fitting_code(end, code):
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", PROCESS, end],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        if end != "crash":
            process.send_signal(getattr(signal, end))
        _, errors = process.communicate(timeout=WAIT_SECONDS)
    finally:
        process.kill()
    assert process.returncode == code
    assert (b"app g crashed: ZeroDivisionError('by the agent')" in errors) == (end == "crash")


async def test_a_broker_that_is_away_is_noted_and_a_stop_does_not_wait_for_it():
    async def resume(tps):
        return {}

    app = record_batch_app("g", ["127.0.0.1:1"], resume)
    collect(app, "t")
    async with asyncio.timeout(WAIT_SECONDS), running(app) as task:
        while "kafka" not in app.outages.away():
            await asyncio.sleep(0.01)
        assert not task.done()
