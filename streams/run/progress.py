"""How far the parts of an embedded stack have come, and the brake on what feeds it."""

import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from redis import Redis

from profiles.keyspace import Partition, mark_key, model_key
from profiles.store import Mark
from schemas.errors import PortraitError
from schemas.examples import PARTITION as EXAMPLES_PARTITION
from schemas.topics import DEAD, EXAMPLES, KINDS, Kind, event_topic
from streams.embedded.broker import PARTITIONS
from streams.run.letters import DeadLetters

MAX_AHEAD_BYTES = 3 << 20
"""Events of one partition sent and not yet stored; the broker keeps its last 5 MiB."""

OVERHEAD_BYTES = 64
"""What a record costs beside its value: key, headers, its share of a batch's frame."""

MAX_LETTERS_AHEAD = 4_000
MAX_EXAMPLES_AHEAD = 8_000
"""Dead letters not yet read, examples not yet in a snapshot: a fraction of 5 MiB each."""

LOOK_BYTES = 256 << 10
POLL_SECONDS = 0.01
STUCK_SECONDS = 120.0
REQUEST_SECONDS = 10.0


class StuckError(PortraitError):
    """Nothing moved for two minutes."""


class Progress:
    """Asks broker and Redis how far workers and learner are."""

    def __init__(self, brokers: str, redis: Redis) -> None:
        self._redis = redis
        self._consumer: Any = Consumer(
            {"bootstrap.servers": brokers, "group.id": "portrait-progress", "log_level": 2}
        )
        self.partitions = [
            Partition(kind, number) for kind in KINDS for number in range(PARTITIONS)
        ]
        self._marks = [mark_key(partition) for partition in self.partitions]

    def positions(self) -> dict[Partition, int]:
        """Return the resume marks: everything before them is folded, rejected or a duplicate."""
        marks: list[Any] = self._redis.mget(self._marks)
        positions = [Mark.decode(mark).position if mark else 0 for mark in marks]
        return dict(zip(self.partitions, positions, strict=True))

    def stored(self) -> int:
        """Return the events that are behind the resume marks."""
        return sum(self.positions().values())

    def sent(self) -> int:
        """Return the events that are in the topics."""
        return sum(self._end(event_topic(k), n) for k in KINDS for n in range(PARTITIONS))

    def letters(self) -> int:
        """Return the dead letters written."""
        return sum(self._end(DEAD, number) for number in range(PARTITIONS))

    def examples(self) -> int:
        """Return the examples written."""
        return self._end(EXAMPLES, EXAMPLES_PARTITION)

    def learnt(self) -> int:
        """Return the examples behind the learner's latest snapshot."""
        return int(self._redis.hget(model_key("churn"), "position") or 0)

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _end(self, topic: str, partition: int) -> int:
        place = TopicPartition(topic, partition)
        _, end = self._consumer.get_watermark_offsets(place, timeout=REQUEST_SECONDS)
        return int(end)


class Ahead:
    """What has been sent to one partition and is not stored yet."""

    def __init__(self) -> None:
        self.sent = self.bytes = self.stored_bytes = 0
        self._looks: deque[tuple[int, int]] = deque()  # (events, bytes) sent at each look

    def look(self, stored: int) -> int:
        """Return the bytes behind which `stored` events are, to the grain of the looks."""
        if not self._looks or self._looks[-1][0] != self.sent:
            self._looks.append((self.sent, self.bytes))
        while self._looks and self._looks[0][0] <= stored:
            self.stored_bytes = self._looks.popleft()[1]
        return self.bytes - self.stored_bytes


class Brake:
    """Holds a feed back so that the embedded broker drops nothing before it is read."""

    def __init__(self, progress: Progress, letters: DeadLetters, check: Callable[[], None]) -> None:
        self.sent = 0
        self._progress = progress
        self._letters = letters
        self._check = check
        self._ahead = {partition: Ahead() for partition in progress.partitions}
        self._unlooked = 0
        self._moved_at = time.monotonic()
        self._last: tuple[int, ...] = ()

    def add(self, kind: Kind, key: bytes | None, size: int) -> int:
        """Choose the partition of an event about to be sent; wait while too much waits there."""
        number = (self.sent if key is None else zlib.crc32(key)) % PARTITIONS
        ahead = self._ahead[Partition(kind, number)]
        self.sent += 1
        ahead.sent += 1
        ahead.bytes += size + OVERHEAD_BYTES
        self._unlooked += size
        if self._unlooked >= LOOK_BYTES:
            self._unlooked = 0
            while self._too_far():
                self.pause()
        return number

    def wait_until_done(self) -> None:
        """Wait until everything sent is stored, read and learnt."""
        while not self._done():
            self.pause()

    def pause(self) -> None:
        """Look after the processes, and wait a moment.

        Raises:
            StuckError: nothing has moved for long.
        """
        self._check()
        time.sleep(POLL_SECONDS)
        state = (self._progress.stored(), self._letters.read, self._progress.learnt())
        if state != self._last:
            self._last, self._moved_at = state, time.monotonic()
        elif time.monotonic() - self._moved_at > STUCK_SECONDS:
            raise StuckError("nothing moves any more", stored=state[0], sent=self.sent)

    def _too_far(self) -> bool:
        positions = self._progress.positions()
        behind = max(self._ahead[partition].look(at) for partition, at in positions.items())
        return (
            behind > MAX_AHEAD_BYTES
            or self._progress.letters() - self._letters.read > MAX_LETTERS_AHEAD
            or self._progress.examples() - self._progress.learnt() > MAX_EXAMPLES_AHEAD
        )

    def _done(self) -> bool:
        progress = self._progress
        return (
            progress.stored() >= self.sent
            and self._letters.read >= progress.letters()
            and progress.learnt() >= progress.examples()
        )
