"""What travels on `learning.examples`: questions about customers and the outcomes that answer them.

All of it goes to one partition (`PARTITION`), so that every learner reads the same total order.
"""

from typing import Literal, NamedTuple

import orjson

from schemas.errors import PortraitError

LATEST_MS = 2**53  # times beyond are nobody's
PARTITION = 0  # one partition: the order of the examples is part of what a model is

_NUMBERS = frozenset({float, int})  # exactly these: JSON's true is an int to isinstance


class MalformedExampleError(PortraitError):
    """A record that is neither a question nor an outcome; evidence: `value`, `expected`."""


class ExampleId(NamedTuple):
    """Where an example comes from; within (topic, partition) ids grow with (offset, ordinal)."""

    topic: str
    partition: int
    offset: int  # of the source event
    ordinal: int  # counts the examples that one event gave rise to


class Question(NamedTuple):
    """What `task` asks about a customer, with the features as they were at that moment."""

    task: str
    customer: str
    asked_at: int  # event time, epoch ms
    features: list[float]  # in the order of profiles.learning.features.FEATURES
    feature_version: int
    id: ExampleId

    @property
    def at(self) -> int:
        """Event time, epoch ms."""
        return self.asked_at


class Outcome(NamedTuple):
    """Something a customer did that may answer open questions: a new order."""

    kind: Literal["purchase"]
    customer: str
    at: int  # event time, epoch ms
    amount: int | None  # 1e-4 of the base currency's unit; None where no price is known
    id: ExampleId


Example = Question | Outcome


def encode(example: Example) -> bytes:
    """One JSON array: a tag, the fields in the order of their class, the id spelt out at the end.

    >>> origin = ExampleId("events.purchase", 0, 7, 0)
    >>> encode(Outcome("purchase", "17850", 1291191960000, 152900, origin))
    b'["o","purchase","17850",1291191960000,152900,"events.purchase",0,7,0]'
    """
    tag = "q" if isinstance(example, Question) else "o"
    return orjson.dumps([tag, *example[:-1], *example.id])


def decode(value: bytes) -> Example:
    """The example in a record's value.

    Raises MalformedExampleError for anything that `encode` does not write. NaN and infinity cannot
    occur: JSON has no words for them, and `encode` writes null, which is refused here.
    """
    try:
        fields = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise MalformedExampleError("not JSON", value=value, expected="a JSON array") from error
    match fields:
        case ["q", str(task), str(customer), int(at), [*given], int(version), *rest] if abs(
            at
        ) < LATEST_MS and all(type(feature) in (float, int) for feature in given):
            features = list(map(float, given))
            return Question(task, customer, at, features, version, _id(rest, value))
        case ["o", "purchase", str(customer), int(at), int() | None as amount, *rest] if (
            abs(at) < LATEST_MS
        ):
            return Outcome("purchase", customer, at, amount, _id(rest, value))
    raise MalformedExampleError("not an example", value=value, expected="a question or an outcome")


def _id(fields: list[object], value: bytes) -> ExampleId:
    match fields:
        case [str(topic), int(partition), int(offset), int(ordinal)]:
            return ExampleId(topic, partition, offset, ordinal)
    raise MalformedExampleError("no id", value=value, expected="topic, partition, offset, ordinal")
