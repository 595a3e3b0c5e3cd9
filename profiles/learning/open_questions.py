"""Questions that wait for their answer: bounded, compact, found by customer and by age."""

import struct
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
import xxhash

from profiles.learning.task import Source, State


class Open(NamedTuple):
    """One waiting question."""

    customer: int  # hash of the id: neither memory nor snapshots need the id itself
    asked_at: int  # event time, epoch ms
    source: int  # index into OpenQuestions.sources
    rule: int  # the one-feature rule's score, 0..65535
    answered: bool
    score: float  # the model's score when it was asked; NaN if it had none to give
    row: tuple[float, ...]  # prepared features, half precision


def customer_hash(customer: str) -> int:
    """64 bits that stand for a customer, the same in every process.

    >>> customer_hash("17850") == customer_hash("17850")
    True
    """
    return xxhash.xxh64_intdigest(customer.encode())


class OpenQuestions:
    """At most `bound` questions, each kept until its horizon has passed, answered or not.

    When there are more, the sampled share of the customers halves, and the questions of the others
    are dropped: whole customers by their hash, so that what remains is as it would have been
    without the rest. The share does not grow again; `halvings` says how often it has shrunk.

    A question is kept in 25 bytes and 2 more per feature: half precision has 11 significant bits,
    and prepared features need no more.
    """

    def __init__(self, width: int, bound: int, horizon_ms: int) -> None:
        self.bound = bound
        self.horizon_ms = horizon_ms
        self.halvings = 0
        self.sources: list[Source] = []
        self._layout = struct.Struct(f"<QqHH?f{width}e")
        self._open: dict[int, bytes] = {}  # by number, in the order of asking
        self._unanswered: dict[int, list[int]] = {}  # customer → numbers
        self._by_age: dict[int, list[tuple[int, int]]] = {}  # source → heap of (asked_at, number)
        self._next = 0

    def __len__(self) -> int:
        return len(self._open)

    def admits(self, customer: int) -> bool:
        """Whether this customer is in the sample."""
        return customer >> (64 - self.halvings) == 0

    def source_index(self, source: Source) -> int:
        """Where `source` stands in `sources`; a new one is put there."""
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source)

    def add(self, question: Open) -> None:
        """Keep a question of a customer in the sample."""
        self._put(self._pack(question))
        while len(self._open) > self.bound:
            self.halvings += 1
            self._keep(packed for packed in self._open.values() if self._sampled(packed))

    def asked_within(self, customer: int, after: int) -> bool:
        """Whether an unanswered question of the customer was asked within the horizon `after`."""
        waiting = self._waiting(customer)
        return any(after < each.asked_at <= after + self.horizon_ms for _, each in waiting)

    def answer(self, customer: int, at: int) -> None:
        """Mark what an outcome answers: asked before it, not longer ago than the horizon."""
        for number, each in self._waiting(customer):
            if each.asked_at < at <= each.asked_at + self.horizon_ms:
                self._open[number] = self._pack(each._replace(answered=True))
                self._forget_waiting(customer, number)

    def take_due(self, source: Source, now: int) -> list[Open]:
        """Remove and return what a source asked longer than the horizon ago, oldest first."""
        heap = self._by_age.get(self.source_index(source), [])
        due = []
        while heap and heap[0][0] + self.horizon_ms < now:
            _, number = heappop(heap)
            question = self._unpack(self._open.pop(number))
            if not question.answered:
                self._forget_waiting(question.customer, number)
            due.append(question)
        return due

    def state(self) -> State:
        """Plain values; the questions byte plane by byte plane, which compresses best."""
        packed = np.frombuffer(b"".join(self._open.values()), dtype=np.uint8)
        planes = packed.reshape(-1, self._layout.size).T.tobytes()
        return {"planes": planes, "sources": self.sources, "halvings": self.halvings}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.sources, self.halvings = state["sources"], state["halvings"]
        planes = np.frombuffer(state["planes"], dtype=np.uint8)
        self._keep(row.tobytes() for row in planes.reshape(self._layout.size, -1).T)

    def digest(self) -> str:
        """Equal for equal questions in equal order."""
        return xxhash.xxh64_hexdigest(b"".join(self._open.values()))

    def _put(self, packed: bytes) -> None:
        question, number = self._unpack(packed), self._next
        self._next += 1
        self._open[number] = packed
        heappush(self._by_age.setdefault(question.source, []), (question.asked_at, number))
        if not question.answered:
            self._unanswered.setdefault(question.customer, []).append(number)

    def _keep(self, packed: Iterable[bytes]) -> None:
        kept = list(packed)
        self._open, self._unanswered, self._by_age = {}, {}, {}
        for each in kept:
            self._put(each)

    def _forget_waiting(self, customer: int, number: int) -> None:
        numbers = self._unanswered[customer]
        numbers.remove(number)
        if not numbers:
            del self._unanswered[customer]

    def _waiting(self, customer: int) -> list[tuple[int, Open]]:
        numbers = self._unanswered.get(customer, [])
        return [(number, self._unpack(self._open[number])) for number in numbers]

    def _sampled(self, packed: bytes) -> bool:
        return self.admits(self._unpack(packed).customer)

    def _pack(self, question: Open) -> bytes:
        return self._layout.pack(*question[:-1], *question.row)

    def _unpack(self, packed: bytes) -> Open:
        fields = self._layout.unpack(packed)
        return Open._make((*fields[:6], fields[6:]))
