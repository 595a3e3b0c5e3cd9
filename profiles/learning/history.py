"""What customers did lately: kept once for all tasks, until no question can be answered by it."""

from heapq import heapify, heappop, heappush
from itertools import pairwise

from profiles.learning.model import Numbers, State
from profiles.learning.sample import Sample, customer_hash
from profiles.learning.task import Answer
from schemas.examples import Outcome

MOST_ORDERS = 128
"""Orders kept of one customer; beyond, those nearest in time become one: amounts stay whole."""

Kept = tuple[int, str, int, int, str | None]  # at, kind, order, amount, category


class History:
    """Orders and returns by customer; lines of an order are one, at the time of its first line.

    At most `bound` of them: beyond, the sample of customers halves.

    >>> from schemas.examples import ExampleId
    >>> history, place = History(Sample(), bound=10), ExampleId("purchase", 0, 0, 0)
    >>> for at, order, amount in (5, 1, 20), (6, 1, 30), (9, 2, 10):
    ...     history.add(Outcome("purchase", "a", at, order, amount, None, place))
    >>> history.answers(customer_hash("a"), after=4, until=8)
    [Answer(at=5, kind='purchase', amount=50, category=None)]
    """

    def __init__(self, sample: Sample, bound: int) -> None:
        self.bound = bound
        self._sample = sample
        self._orders: dict[int, list[Kept]] = {}
        self._ages: dict[int, list[tuple[int, int]]] = {}  # heaps, by partition: (oldest, who)
        self._size = 0

    def add(self, outcome: Outcome) -> None:
        """Keep one line's outcome."""
        customer = customer_hash(outcome.customer)
        if not self._sample.admits(customer):
            return
        orders = self._orders.setdefault(customer, [])
        place = _place(orders, outcome)
        if place is None:
            if not orders:
                heappush(self._ages.setdefault(outcome.id.partition, []), (outcome.at, customer))
            if len(orders) == MOST_ORDERS:
                self._size -= 1
                _join_nearest(orders)
            orders.append(
                (outcome.at, outcome.kind, outcome.order, outcome.amount, outcome.category)
            )
            self._size += 1
        else:
            at, kind, order, amount, category = orders[place]
            first = min(at, outcome.at)
            amount += outcome.amount
            orders[place] = first, kind, order, amount, category or outcome.category
        while self._size > self.bound:
            self._sample.halve()
            self.prune()

    def answers(self, customer: int, after: int, until: int) -> list[Answer]:
        """What a customer did after one event time and until another (ms), oldest first."""
        orders = self._orders.get(customer, ())
        found = [
            Answer(at, kind, amount, category)
            for at, kind, _, amount, category in orders
            if after < at <= until
        ]
        return sorted(found, key=lambda answer: answer.at)

    def forget(self, partition: int, before: int) -> None:
        """Drop what happened before an event time (ms)."""
        ages = self._ages.get(partition, [])
        while ages and ages[0][0] < before:
            _, customer = heappop(ages)
            kept = [order for order in self._orders.get(customer, ()) if order[0] >= before]
            self._replace(customer, kept)
            if kept:
                heappush(ages, (min(order[0] for order in kept), customer))

    def prune(self) -> None:
        """Drop customers that have left the sample."""
        gone = [customer for customer in self._orders if not self._sample.admits(customer)]
        for customer in gone:
            self._replace(customer, [])
        for partition, ages in self._ages.items():
            self._ages[partition] = [age for age in ages if self._sample.admits(age[1])]
            heapify(self._ages[partition])

    def state(self) -> State:
        """Plain containers."""
        return {"orders": self._orders, "ages": self._ages}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self._orders = state["orders"]
        self._ages = {
            partition: list(map(tuple, each)) for partition, each in state["ages"].items()
        }
        for ages in self._ages.values():  # those of older snapshots are in another order
            heapify(ages)
        self._size = sum(map(len, self._orders.values()))

    def parameters(self) -> Numbers:
        """Equal for equal histories."""
        return {str(customer): list(map(list, kept)) for customer, kept in self._orders.items()}

    def _replace(self, customer: int, kept: list[Kept]) -> None:
        self._size += len(kept) - len(self._orders.get(customer, ()))
        if kept:
            self._orders[customer] = kept
        else:
            self._orders.pop(customer, None)


def _place(orders: list[Kept], outcome: Outcome) -> int | None:
    """Where an outcome's own order is; None: it is new."""
    for place in range(len(orders) - 1, -1, -1):
        if orders[place][2] == outcome.order and orders[place][1] == outcome.kind:
            return place
    return None


def _join_nearest(orders: list[Kept]) -> None:
    """Make one order of the two of one kind that are nearest in time, at the time of the first."""
    orders.sort(key=lambda order: (order[1], order[0]))
    gaps = [
        (later[0] - sooner[0], place)
        for place, (sooner, later) in enumerate(pairwise(orders))
        if sooner[1] == later[1]
    ]
    _, place = min(gaps)
    (at, kind, _, one, category), (_, _, order, other, alternative) = orders[place : place + 2]
    orders[place : place + 2] = [(at, kind, order, one + other, category or alternative)]
