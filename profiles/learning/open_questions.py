"""Questions that wait for their answer: bounded, compact, found by age."""

import struct
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any, NamedTuple

import msgpack
import xxhash

from profiles.learning.model import Prediction, Source, State
from profiles.learning.sample import Sample


class Open(NamedTuple):
    """One waiting question."""

    customer: int  # hash of the id: neither memory nor snapshots need the id itself
    at: int  # event time, epoch ms
    source: int  # index into OpenQuestions.sources
    held_out: bool  # nobody acts on this customer's scores
    row: tuple[float, ...]  # prepared features, half precision
    predictions: list[Prediction]  # of each contestant when it was asked, single precision
    about: dict[str, Any]  # what the task remembers of the event


class OpenQuestions:
    """At most `bound` questions, each kept until its horizon has passed.

    When there are more, the sampled share of the customers halves. A row takes 2 bytes a feature:
    half precision has 11 significant bits, and prepared features need no more.
    """

    def __init__(self, width: int, bound: int, horizon: int, sample: Sample) -> None:
        self.bound = bound
        self.horizon = horizon  # ms
        self.sources: list[Source] = []
        self._sample = sample
        self._layout = struct.Struct(f"<QqH?{width}e")
        self._open: dict[int, bytes] = {}  # by number, in the order of asking
        self._by_age: dict[int, list[tuple[int, int]]] = {}  # source -> heap of (at, number)
        self._next = 0

    def __len__(self) -> int:
        return len(self._open)

    def source_index(self, source: Source) -> int:
        """Where `source` stands in `sources`; a new one is put there."""
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source)

    def add(self, question: Open) -> None:
        """Keep a question of a customer in the sample."""
        self._put(self._pack(question))
        while len(self._open) > self.bound:
            self._sample.halve()
            self.prune()

    def take_due(self, source: Source, now: int) -> list[Open]:
        """Remove and return what a source asked longer than the horizon ago, oldest first."""
        if source not in self.sources:
            return []
        heap = self._by_age.get(self.source_index(source), [])
        due = []
        while heap and heap[0][0] + self.horizon < now:
            due.append(self._unpack(self._open.pop(heappop(heap)[1])))
        return due

    def prune(self) -> None:
        """Drop the questions of customers that have left the sample."""
        self._keep(
            packed
            for packed in list(self._open.values())
            if self._sample.admits(self._layout.unpack_from(packed)[0])
        )

    def state(self) -> State:
        """Plain values."""
        return {"open": list(self._open.values()), "sources": self.sources}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.sources = state["sources"]
        self._keep(state["open"])

    def digest(self) -> str:
        """Equal for equal questions in equal order."""
        return xxhash.xxh64_hexdigest(b"".join(self._open.values()))

    def _put(self, packed: bytes) -> None:
        _, at, source, *_ = self._layout.unpack_from(packed)
        number, self._next = self._next, self._next + 1
        self._open[number] = packed
        heappush(self._by_age.setdefault(source, []), (at, number))

    def _keep(self, packed: Iterable[bytes]) -> None:
        self._open, self._by_age = {}, {}
        for each in packed:
            self._put(each)

    def _pack(self, question: Open) -> bytes:
        *head, row, predictions, about = question
        rest: bytes = msgpack.packb([predictions, about], use_single_float=True)
        return self._layout.pack(*head, *row) + rest

    def _unpack(self, packed: bytes) -> Open:
        customer, at, source, held_out, *row = self._layout.unpack_from(packed)
        predictions, about = msgpack.unpackb(packed[self._layout.size :])
        return Open(customer, at, source, held_out, tuple(row), predictions, about)
