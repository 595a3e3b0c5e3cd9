"""What the learner has learnt, held to a learner that reads the same examples one by one."""

from collections.abc import Iterator
from typing import Any

import orjson

from profiles.learning.learner import Learner
from profiles.learning.snapshot import restore
from profiles.scores import VERSION
from profiles.settings import Settings
from schemas.examples import decode
from streams.learn.restore import REFUSED
from streams.learn.tasks import learner_of
from streams.pieces import Assembly
from streams.worker.models import SNAPSHOT_KEY
from tests.faults.counted import Coordinates, Counted
from tests.faults.log import Log
from tests.faults.topics import Topics

ORDER, LINE, MOMENT = {1, 2}, {1}, {2}
"""Ordinals: an order is an outcome and a question, another line an outcome, a visit a question."""

SAMPLED = 0
"""The ordinal of a question about the event itself, whatever it is."""


class Learnt:
    """The examples as any learner reads them, and the newest snapshot that was published."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        assert settings.model_key is not None
        self._key = settings.model_key.get_secret_value().encode()
        self._settings = settings
        self._topics = topics
        self._examples = Log(settings.kafka, topics.examples)
        self._models = Log(settings.kafka, topics.models)
        self._sequential = learner_of(settings)
        self._seen: dict[Coordinates, set[int]] = {}
        self._assembly = Assembly(SNAPSHOT_KEY)
        self._published: Any = None

    def read(self) -> None:
        """Take in what is new."""
        for message in self._examples.read():
            examples, malformed = decode(message.value())
            assert not malformed
            for example in examples:
                self._note(example)
            self._sequential.learn(examples)
        self._read_models()

    def is_done(self) -> bool:
        """Tell whether a snapshot of all examples has been published."""
        self._read_models()
        _, end = self._topics.bounds(self._topics.examples, 0)
        return end == 0 or (self._published is not None and self._published.next_position >= end)

    def differences(self, counted: Counted, public: dict[str, dict[str, str]]) -> Iterator[str]:
        """Say which lines gave no examples, or too many, and how the models differ."""
        for place in sorted(counted.lines | self._seen.keys()):
            seen = self._seen.get(place, set()) - {SAMPLED}
            expected = _expected(place, counted)
            if place[0] != "purchase":
                expected = seen & MOMENT
            if seen != expected:
                yield f"examples of {place}: {seen} instead of {expected}"
        if self._published is None:
            return
        learner = self._published.learner
        if learner.version != self._sequential.version:
            yield f"learnt {learner.version} examples instead of {self._sequential.version}"
        elif _canonical(learner) != _canonical(self._sequential):
            yield "the models' parameters differ from those of a sequential learner"
        yield from self._foreign(public, learner.version)

    def _foreign(self, public: dict[str, dict[str, str]], version: int) -> Iterator[str]:
        """Say which profiles were scored with models that the learner has never made."""
        for customer, profile in public.items():
            for name, text in profile.items():
                if name == VERSION and int(text) > version:
                    yield f"{name} of {customer}: {text}, there are {version}"

    def _note(self, example: Any) -> None:
        kind, _, epoch = example.id.topic.partition("@")
        place = (kind, int(epoch, 16), example.id.partition, example.id.offset)
        self._seen.setdefault(place, set()).add(example.id.ordinal)

    def _read_models(self) -> None:
        newest = None
        for message in self._models.read():
            record = self._assembly.add(message.key(), message.value())
            if record is not None:
                try:
                    newest = restore(record, self._key, learner_of(self._settings))
                except REFUSED:
                    continue  # the suite's own forgeries
        self._published = newest or self._published


def _expected(place: Coordinates, counted: Counted) -> set[int]:
    """Return the ordinals that a line must have; what else asks questions was not counted."""
    if place in counted.orders:
        return ORDER
    return LINE if place in counted.lines else set()


def _canonical(learner: Learner) -> bytes:
    return orjson.dumps(
        learner.parameters(), option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY
    )
