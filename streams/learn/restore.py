"""Find the newest good snapshot of the learner."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from profiles.learning.learner import Learner
from profiles.learning.snapshot import (
    CorruptSnapshotError,
    ForgedSnapshotError,
    IncompatibleSnapshotError,
    restore,
    version_of,
)
from profiles.settings import Settings
from schemas.topics import MODELS
from streams.learn import shelf
from streams.learn.tasks import learner_of
from streams.pieces import Assembly
from streams.worker.models import PARTITION, SNAPSHOT_KEY

log = structlog.get_logger()

REFUSED = (CorruptSnapshotError, ForgedSnapshotError, IncompatibleSnapshotError)
REQUEST_SECONDS = 10.0
MOST_TRIED = 4
"""Snapshots held in memory, newest last: with much text they have some 14 MB each."""


class Found(NamedTuple):
    """A snapshot, good or not, and whose turn it was (`streams.pieces`; 0 in a directory)."""

    record: bytes
    turn: int


class Beginning(NamedTuple):
    """What a learner goes on with."""

    learner: Learner
    next_position: int  # in the examples
    turn: int  # of the next publication: another than that of the snapshot it begins with


def restore_learner(settings: Settings, model_key: bytes) -> Beginning:
    """Return the learner of the newest snapshot that is ours, or a new one.

    A snapshot that is forged, damaged or incompatible is passed over for the one before it;
    without any, the examples are learnt again from the beginning of their topic.
    """
    return newer_learner(settings, model_key, -1) or Beginning(learner_of(settings), 0, 0)


def newer_learner(settings: Settings, model_key: bytes, version: int) -> Beginning | None:
    """Return the learner of the newest snapshot that is ours, if its version is a later one."""
    for record, turn in reversed(deque(_snapshots(settings), MOST_TRIED)):
        try:
            if version_of(record, model_key) <= version:
                return None
            restored = restore(record, model_key, learner_of(settings))
        except REFUSED as error:
            log.error("snapshot refused", error=str(error))
        else:
            place = {"version": restored.learner.version, "position": restored.next_position}
            log.info("learner restored", **place)
            return Beginning(restored.learner, restored.next_position, turn + 1)
    return None


def _snapshots(settings: Settings) -> Iterator[Found]:
    """Yield the snapshots that are kept, oldest first."""
    if settings.snapshot_directory is None:
        yield from _published(settings)
    else:
        for record in shelf.kept(settings.snapshot_directory):
            yield Found(record, 0)


def _published(settings: Settings) -> Iterator[Found]:
    """Yield the snapshots on the topic, oldest first."""
    consumer = Consumer(
        {
            "bootstrap.servers": ",".join(settings.brokers),
            "group.id": "portrait-restore",  # the client wants one; nothing is committed
            "enable.auto.commit": False,
            "enable.partition.eof": True,  # the end may have been compacted away
            "log_level": 2,
        }
    )
    assembly = Assembly(SNAPSHOT_KEY)
    try:
        place = TopicPartition(settings.topic_prefix + MODELS, PARTITION)
        position, end = consumer.get_watermark_offsets(place, timeout=REQUEST_SECONDS)
        consumer.assign([TopicPartition(place.topic, PARTITION, position)])
        while position < end:
            message = consumer.poll(REQUEST_SECONDS)
            if message is None:  # not the end: a learner that took it for one would start anew
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                break
            if error is not None:
                raise KafkaException(error)
            position = (message.offset() or 0) + 1
            record = assembly.add(message.key(), message.value())
            if record is not None:
                yield Found(record, assembly.turn)
    finally:
        consumer.close()
