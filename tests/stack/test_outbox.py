"""What an outbox gives up is given up whole: nothing arrives behind a message that did not."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from streams import outbox
from streams.outbox import Message, NotAcknowledgedError, Outbox
from streams.stack import KafkaCluster
from streams.stack.kafka import admin
from tests.stack.conftest import WAIT_SECONDS, create, read

TOPIC = "letters"
COUNT = 500
LANES = (b"a", b"b")
REFUSALS = (NotAcknowledgedError, KafkaException)
ATTEMPTS = 50
SET = AlterConfigOpType.SET

NAMES_THREADS = pytest.mark.skipif(
    not Path("/proc").exists(), reason="threads are told by name in /proc only"
)

pytestmark = pytest.mark.usefixtures("libraries")


def messages(lane: bytes) -> list[Message]:
    return [Message(TOPIC, lane, b"%s %d" % (lane, n), None, 0) for n in range(COUNT)]


def taken(log: list[bytes], lane: bytes) -> Iterator[int]:
    """What a receiver takes that skips numbers up to the highest that it has."""
    highest = -1
    for value in log:
        name, number = value.split()
        if name == lane and int(number) > highest:
            highest = int(number)
            yield highest


async def send(sender: Outbox) -> list[BaseException | None]:
    """Send both lanes at once, as a worker's do."""
    lanes = (sender.send(messages(lane)) for lane in LANES)
    return await asyncio.gather(*lanes, return_exceptions=True)


def whole_log(bootstrap: str) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "any", "log_level": 0})
    _, end = consumer.get_watermark_offsets(TopicPartition(TOPIC, 0), timeout=WAIT_SECONDS)
    consumer.close()
    return read(bootstrap, TOPIC, end)


def assert_nothing_missing(bootstrap: str) -> None:
    log = whole_log(bootstrap)
    for lane in LANES:
        assert [*taken(log, lane)] == [*range(COUNT)]


def allow(bootstrap: str) -> None:
    """Let the topic take batches of a usual size."""
    entry = ConfigEntry("max.message.bytes", "1000000", incremental_operation=SET)
    topic = ConfigResource(ConfigResource.Type.TOPIC, TOPIC, incremental_configs=[entry])
    client = admin(bootstrap)  # as long as it is waited for
    client.incremental_alter_configs([topic])[topic].result(WAIT_SECONDS)


def slowly(lane: bytes) -> Iterator[Message]:
    """Take so long to make that the first has been refused before the second is sent."""
    for message in messages(lane)[:2]:
        yield message
        time.sleep(0.5)


def producers() -> int:
    """How many clients of librdkafka this process has: each has a main thread."""
    return sum(map(is_main_thread, Path("/proc/self/task").iterdir()))


def is_main_thread(task: Path) -> bool:
    """Tell by its name; a thread that has ended since it was listed is none."""
    try:
        return (task / "comm").read_text().strip() == "rdk:main"
    except (FileNotFoundError, ProcessLookupError):
        return False


@NAMES_THREADS
async def until_no_more_than(count: int) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while producers() > count:
            await asyncio.sleep(0.1)


async def test_producers_that_were_given_up_end(tmp_path, monkeypatch):
    """An outage of an hour would leave a producer and its threads behind every half minute."""
    with KafkaCluster(tmp_path, quick_start=True) as kafka:
        create(kafka.bootstrap, TOPIC)
        sender = Outbox([kafka.bootstrap])
        await sender.send([Message(TOPIC, None, b"first 0", None, 0)])
        before, kept = producers(), []
        kafka.nodes[0].pause()
        with monkeypatch.context() as patched:
            patched.setattr(outbox, "DELIVERY_SECONDS", 0.2)
            for _ in range(4):
                kept.append(await send(sender))  # and their tracebacks
        kafka.nodes[0].resume()
        await until_no_more_than(before)


@NAMES_THREADS
async def test_producers_that_refused_end_though_somebody_keeps_the_errors(tmp_path):
    with KafkaCluster(tmp_path, quick_start=True) as kafka:
        create(kafka.bootstrap, TOPIC, {"max.message.bytes": "10"})
        sender = Outbox([kafka.bootstrap])
        before, kept = producers(), [await send(sender) for _ in range(4)]
        assert all(isinstance(each, REFUSALS) for refused in kept for each in refused)
        await until_no_more_than(before)


async def test_what_was_refused_is_sent_whole_once_it_is_taken(tmp_path):
    with KafkaCluster(tmp_path, quick_start=True) as kafka:
        create(kafka.bootstrap, TOPIC, {"max.message.bytes": "10"})
        sender = Outbox([kafka.bootstrap])
        for _ in range(2):
            refused = await send(sender)
            assert all(isinstance(each, REFUSALS) for each in refused), refused
        with pytest.raises(REFUSALS):
            await sender.send(slowly(LANES[0]))
        allow(kafka.bootstrap)
        attempts = 1
        while await send(sender) != [None, None]:  # the broker takes a moment to hear of it
            attempts += 1
            assert attempts < ATTEMPTS
            await asyncio.sleep(0.2)
        assert_nothing_missing(kafka.bootstrap)


async def test_a_frozen_broker_leaves_no_gap_in_what_two_lanes_send(tmp_path, monkeypatch):
    with KafkaCluster(tmp_path, quick_start=True) as kafka:
        create(kafka.bootstrap, TOPIC)
        sender = Outbox([kafka.bootstrap])
        await sender.send([Message(TOPIC, None, b"first 0", None, 0)])  # it is connected
        kafka.nodes[0].pause()
        with monkeypatch.context() as patched:
            patched.setattr(outbox, "DELIVERY_SECONDS", 2.0)
            given_up = await send(sender)
        assert [type(each) for each in given_up] == [NotAcknowledgedError] * 2
        kafka.nodes[0].resume()
        assert await send(sender) == [None, None]
        assert_nothing_missing(kafka.bootstrap)
