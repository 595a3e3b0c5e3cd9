"""The command in a subprocess, and servers for it to talk to."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.topics import KINDS, event_topic
from streams.embedded import EmbeddedStack
from streams.embedded.broker import PARTITIONS
from streams.run.stack import create_topics
from tests.journey.command import PORTRAIT

COMMAND_SECONDS = 60  # a bound, not an expectation
WAIT_SECONDS = 120  # a bound, not an expectation

Portrait = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with these settings and no others of ours; plain output."""
    others = {name: value for name, value in os.environ.items() if "PORTRAIT_" not in name}
    return others | {f"PORTRAIT_{name.upper()}": value for name, value in settings.items()}


@pytest.fixture
def portrait(tmp_path: Path) -> Portrait:
    """Run a command to its end, with settings as keywords."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - our own command
            [PORTRAIT, *arguments],
            env=environment(**settings) | {"COLUMNS": "200"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )

    return run


class Servers:
    """Embedded servers whose topics exist, and the settings that name them."""

    def __init__(self, stack: EmbeddedStack) -> None:
        create_topics(stack.kafka)
        self.settings = {
            "kafka": stack.kafka,
            "redis_url": stack.redis_url,
            "epoch": stack.epoch,
            "model_key": "k" * 32,
        }

    def send(self, topic: str, value: bytes, key: bytes) -> None:
        producer = Producer({"bootstrap.servers": self.settings["kafka"]})
        producer.produce(topic, value, key, partition=0)
        assert producer.flush(WAIT_SECONDS) == 0

    def events(self) -> int:
        """How many events of all kinds there are."""
        client = Consumer({"bootstrap.servers": self.settings["kafka"], "group.id": "test"})
        places = [
            TopicPartition(event_topic(kind), number)
            for kind in KINDS
            for number in range(PARTITIONS)
        ]
        ends = [client.get_watermark_offsets(place, timeout=WAIT_SECONDS)[1] for place in places]
        client.close()
        return sum(ends)


@pytest.fixture
def servers(redis_server: object) -> Iterator[Servers]:
    """Without a Redis to embed, skipped."""
    with EmbeddedStack() as stack:
        yield Servers(stack)
