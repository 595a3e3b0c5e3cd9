"""What a batch is, what it finds, and what it changes: the words that fold and write share."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgpack

from profiles.cache import Cached
from profiles.keyspace import Partition
from profiles.store import Sections, State
from profiles.traits.catalogue import Known
from profiles.traits.parts import Fields, Parts
from profiles.words import Words
from schemas.examples import AskedAt

Events = list[tuple[int, Any]]
"""Validated events with their offsets, ascending."""


class Batch(NamedTuple):
    """The accepted events of one fetch of one partition in the topic's life `epoch`."""

    partition: Partition
    epoch: int
    events: Events


class Moment(NamedTuple):
    """Something to learn from: an outcome, a moment to ask at, or both.

    `features` and, of the kinds `update.TASTED`, `tastes` are as of then; they are empty where
    nothing is asked (`kind` "").
    """

    offset: int
    customer: str
    kind: AskedAt | Literal[""]
    event: Any
    features: list[float]
    tastes: dict[str, float]


@dataclass(slots=True)
class Update:
    """What a batch changes: customers to store, moments to send onward, and counts."""

    batch: Batch
    changes: list["Change"]
    parts: dict[str, Parts]
    moments: list[Moment]
    counted: int
    duplicates: int


class Found(NamedTuple):
    """A customer before the fold: as stored, and the public fields as far as they are known.

    `parts` are those of the cache's entry `cached`; `said` those that speak of words, from either.
    """

    state: State
    cached: Cached | None
    parts: Parts
    said: Fields

    @classmethod
    def of(cls, entry: Cached) -> "Found":
        """What the cache holds."""
        parts: Parts = msgpack.unpackb(entry.fields)
        return cls(State(entry.sections), entry, parts, parts[-1] if parts else {})


@dataclass(slots=True)
class Change:
    """One customer after the fold; without a section of its own it is a refresh.

    `known` are the public fields before, as the entry `cached` of the cache has them; `said` are
    those that speak of words, from wherever they were read, and `words` the batch's own.
    """

    customer: str
    field: str
    base: bytes
    section: bytes
    sections: Sections
    duplicates: int
    counted: int
    cached: Cached | None
    known: Known
    said: Fields
    words: Words | None
