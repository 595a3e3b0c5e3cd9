"""What an outbox gives up is given up whole: nothing arrives behind a message that did not."""

import asyncio
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams import outbox
from streams.outbox import Message, NotAcknowledgedError, Outbox
from streams.stack import KafkaCluster
from tests.stack.conftest import WAIT_SECONDS, create, read

TOPIC = "letters"
COUNT = 500
LANES = (b"a", b"b")

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
        log = whole_log(kafka.bootstrap)
        for lane in LANES:
            assert [*taken(log, lane)] == [*range(COUNT)]
