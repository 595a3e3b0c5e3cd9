"""Find the newest good snapshot of the learner."""

from collections import deque
from collections.abc import Iterator

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from profiles.learning.snapshot import (
    CorruptSnapshotError,
    ForgedSnapshotError,
    IncompatibleSnapshotError,
    Restored,
    restore,
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


def restore_learner(settings: Settings, model_key: bytes) -> Restored:
    """Return the learner of the newest snapshot that is ours, or a new one.

    A snapshot that is forged, damaged or incompatible is passed over for the one before it;
    without any, the examples are learnt again from the beginning of their topic.
    """
    directory = settings.snapshot_directory
    found = _published(settings) if directory is None else shelf.kept(directory)
    for record in reversed(deque(found, MOST_TRIED)):
        try:
            restored = restore(record, model_key, learner_of(settings))
        except REFUSED as error:
            log.error("snapshot refused", error=str(error))
        else:
            log.info("learner restored", **_place(restored))
            return restored
    return Restored(learner_of(settings), 0, {})


def _published(settings: Settings) -> Iterator[bytes]:
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
                yield record
    finally:
        consumer.close()


def _place(restored: Restored) -> dict[str, int]:
    return {"version": restored.learner.version, "position": restored.next_position}
