"""Everything that one command runs on: servers, processes, and the view of their progress."""

import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from confluent_kafka import Producer
from pydantic import SecretStr
from redis import Redis

from profiles.settings import Settings
from schemas.topics import DEAD, EXAMPLES, KINDS, MODELS, event_topic
from streams.embedded.stack import EmbeddedStack
from streams.run.letters import DeadLetters
from streams.run.processes import Processes
from streams.run.progress import Brake, Progress

REQUEST_SECONDS = 10.0
SESSION_SECONDS = 2.0
"""How long a killed process keeps its partitions from the one started in its place."""


class RunningStack:
    """Embedded broker and Redis with a worker and a learner on them, for a `with` block."""

    settings: Settings
    processes: Processes
    progress: Progress
    letters: DeadLetters
    brake: Brake

    def __init__(self, settings: Settings) -> None:
        self._given = settings
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as parts:
            servers = parts.enter_context(EmbeddedStack())
            directory = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="portrait-")))
            self.settings = self._given.model_copy(
                update={
                    "kafka": servers.kafka,
                    "redis_url": servers.redis_url,
                    "epoch": servers.epoch,
                    "topic_prefix": "",
                    "session_timeout_seconds": SESSION_SECONDS,
                    "model_key": SecretStr(secrets.token_hex(32)),
                    "snapshot_directory": directory,
                }
            )
            create_topics(servers.kafka)
            redis = parts.enter_context(Redis.from_url(servers.redis_url))
            self.progress = Progress(servers.kafka, redis)
            parts.callback(self.progress.close)
            self.letters = parts.enter_context(DeadLetters(servers.kafka))
            self.processes = parts.enter_context(Processes(self.settings, directory))
            self.brake = Brake(self.progress, self.letters, self.processes.check)
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._parts.close()


def create_topics(brokers: str) -> None:
    """Bring the topics into being: the embedded broker makes one when it is first asked about."""
    producer = Producer({"bootstrap.servers": brokers, "log_level": 2})
    for topic in [*map(event_topic, KINDS), DEAD, EXAMPLES, MODELS]:
        producer.list_topics(topic, timeout=REQUEST_SECONDS)
