"""What travels on `learning.examples`: questions about customers, and what answers them.

All of it goes to one partition (`PARTITION`), so that every learner reads the same total order. A
question names the moment at which it is asked, not the tasks that ask: whoever learns knows those.
Commands to the learner travel there too, so that a replay obeys them at the same place.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, get_args

import orjson

from schemas.errors import PortraitError

LATEST_MS = 2**53  # times beyond are nobody's
PARTITION = 0  # one partition: the order of the examples is part of what a model is
RECORD_EXAMPLES = 500
RECORD_BYTES = 256_000  # Kafka refuses records of a million
MOST_TEXT = 1_000  # characters of a customer's words

AskedAt = Literal["order", "visit", "feedback", "event"]
"""A new order, the beginning of a visit, feedback with words in it, a sampled event of any kind."""

Action = Literal["promote", "rollback", "release"]

_NUMBERS = frozenset({float, int})  # exactly these: JSON's true is an int to isinstance
MOMENTS = get_args(AskedAt)
KINDS = ("purchase", "return")
# the exact types of each array's values: quicker to compare than to match one by one
_ID = (str, int, int, int)
_OUTCOMES = {(str, str, str, int, int, int, category, *_ID) for category in (str, type(None))}
_QUESTION = (str, str, str, int, list, int, dict, *_ID)
_COMMAND = (str, str, str, str, int)
ACTIONS = get_args(Action)


class MalformedExampleError(PortraitError):
    """A record that holds no examples, or one among them (`row`); evidence: `value`, `expected`."""


class ExampleId(NamedTuple):
    """Where an example comes from; within (topic, partition) ids grow with (offset, ordinal)."""

    topic: str
    partition: int
    offset: int  # of the source event
    ordinal: int  # counts the examples that one event gave rise to


class Question(NamedTuple):
    """What is asked about a customer at a moment, with the features as they were then.

    `about` says what the moment's event said, where it said it: `category`, `brand`, `amount`
    (float), `action`, `rating`, `text` (at most MOST_TEXT characters), ... (docs/learning.md).
    """

    moment: AskedAt
    customer: str
    asked_at: int  # event time, epoch ms
    features: list[float]  # in the order of profiles.learning.features.FEATURES
    feature_version: int
    about: dict[str, Any]
    id: ExampleId

    @property
    def at(self) -> int:
        """Event time, epoch ms."""
        return self.asked_at


class Outcome(NamedTuple):
    """Something a customer did that may answer open questions: one line of an order or return.

    Lines of the same `order` are one outcome, whose amounts add up.
    """

    kind: Literal["purchase", "return"]
    customer: str
    at: int  # event time, epoch ms
    order: int  # a hash
    amount: int  # 1e-4 of the base currency's unit; 0 where no price in it is known
    category: str | None
    id: ExampleId


class Command(NamedTuple):
    """What a person tells the learner of a task: which model is to be the champion."""

    action: Action
    task: str
    model: str  # empty where the action names none
    at: int  # epoch ms


Example = Question | Outcome
Entry = Example | Command
_TAGS: dict[type[Entry], str] = {Question: "q", Outcome: "o", Command: "c"}


def encode(entry: Entry) -> bytes:
    """One JSON array: a tag, the fields in the order of their class, an id spelt out at the end.

    >>> origin = ExampleId("events.purchase", 0, 7, 0)
    >>> encode(Outcome("purchase", "17850", 1291191960000, 9, 152900, None, origin))
    b'["o","purchase","17850",1291191960000,9,152900,null,"events.purchase",0,7,0]'
    """
    if isinstance(entry, Command):
        return orjson.dumps(["c", *entry])
    return orjson.dumps([_TAGS[type(entry)], *entry[:-1], *entry.id])


def records(encoded: Iterable[bytes]) -> Iterator[bytes]:
    """Yield values of records that hold many examples each: JSON arrays of them.

    >>> list(records([b"[1]", b"[2]"]))
    [b'[[1],[2]]']
    """
    held: list[bytes] = []
    size = 0
    for each in encoded:
        if held and (len(held) == RECORD_EXAMPLES or size + len(each) > RECORD_BYTES):
            yield b"[" + b",".join(held) + b"]"
            held, size = [], 0
        held.append(each)
        size += len(each)
    if held:
        yield b"[" + b",".join(held) + b"]"


def decode(value: bytes) -> tuple[list[Entry], list[MalformedExampleError]]:
    """The entries in a record's value, and what else is in it.

    Raises MalformedExampleError where the value is no JSON array. NaN and infinity cannot occur:
    JSON has no words for them, and `encode` writes null, which is refused here.
    """
    try:
        rows = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise MalformedExampleError("not JSON", value=value, expected="a JSON array") from error
    if not isinstance(rows, list):
        raise MalformedExampleError("no examples", value=value, expected="a JSON array")
    entries: list[Entry] = []
    malformed = []
    for number, row in enumerate(rows):
        entry = _entry(row)
        if entry is None:
            expected = "a question, an outcome or a command"
            malformed.append(
                MalformedExampleError("no example", row=number, value=row, expected=expected)
            )
        else:
            entries.append(entry)
    return entries, malformed


def _entry(row: Any) -> Entry | None:
    shape = tuple(map(type, row)) if type(row) is list else ()
    if shape in _OUTCOMES and row[0] == "o" and row[1] in KINDS and abs(row[3]) < LATEST_MS:
        return Outcome._make([*row[1:7], ExampleId(*row[7:])])
    if shape == _QUESTION and row[0] == "q" and row[1] in MOMENTS and abs(row[3]) < LATEST_MS:
        _, moment, customer, at, features, version, about, *place = row
        if _NUMBERS.issuperset(map(type, features)):
            given = list(map(float, features))
            return Question(moment, customer, at, given, version, about, ExampleId(*place))
    if shape == _COMMAND and row[0] == "c" and row[1] in ACTIONS:
        return Command(*row[1:])
    return None
