"""What Kafka's clients say of a broker that is away: many lines a second, worth one."""

from __future__ import annotations

import logging
from typing import NamedTuple

LIBRARIES = ("aiokafka", "librdkafka")


class Held(NamedTuple):
    """The first record of one place in a library's code, and how often it spoke."""

    record: logging.LogRecord
    times: int


class HeldLog(logging.Handler):
    """Keeps the libraries' complaints until it is known whether Kafka is away.

    If so, one line of ours has said it, and they are dropped; else each is passed on, the
    repetitions of one place as one.
    """

    def __init__(self, target: logging.Handler) -> None:
        super().__init__()
        self._target = target
        self._held: dict[tuple[str, int], Held] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        place = record.pathname, record.lineno
        first, times = self._held.get(place, Held(record, 0))
        self._held[place] = Held(first, times + 1)

    def settle(self, *, kafka_away: bool) -> None:
        """Drop what is explained by a Kafka that is away, pass on what is not."""
        held, self._held = self._held, {}
        for record, times in held.values():
            if not kafka_away:
                _say_times(record, times)
                self._target.handle(record)

    def close(self) -> None:
        """Pass on what is left: nobody will settle it any more."""
        self.settle(kafka_away=False)
        super().close()


def hold_library_log() -> HeldLog:
    """Hold the libraries' logs from now on; it is written where all logs are."""
    held = HeldLog(logging.getLogger().handlers[0])
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.addHandler(held)
        library.propagate = False
    return held


def _say_times(record: logging.LogRecord, times: int) -> None:
    if times > 1:
        record.msg, record.args = f"{record.getMessage()} ({times} times)", ()
