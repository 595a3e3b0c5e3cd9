"""The first oracle: counts the log from its bytes, and shares nothing with the product.

But for the documented limits: how many event ids a customer's section remembers, and that it does
so for each partition.
"""

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

WINDOW = 128
"""Event ids remembered by any section, at least; duplicates of the traffic come sooner."""

Coordinates = tuple[str, int, int, int]
"""A kind of topic, its epoch, a partition, an offset."""

Counts = dict[str, Any]


class Tally(NamedTuple):
    """What became of one partition's records."""

    counted: dict[str, int]  # by customer
    duplicates: dict[str, int]


class Counted:
    """Folds records one by one, in the order of their partitions' logs."""

    def __init__(self) -> None:
        self.rejected: set[Coordinates] = set()
        self.lines: set[Coordinates] = set()
        """Lines bought or given back: each is an example."""

        self.orders: set[Coordinates] = set()
        """Those that began an order: each asks a question besides."""

        self.tallies: dict[tuple[str, int], Tally] = defaultdict(
            lambda: Tally(defaultdict(int), defaultdict(int))
        )
        self._customers: dict[str, Counts] = {}
        self._windows: dict[tuple[str, str, int], deque[str]] = defaultdict(
            lambda: deque(maxlen=WINDOW)
        )
        self._known: dict[tuple[str, int], set[str]] = defaultdict(set)

    def fold(self, kind: str, epoch: int, message: Any) -> None:
        """Take one record of a topic of this kind, in its life `epoch`."""
        place = (kind, epoch, message.partition(), message.offset())
        if message.headers():  # the traffic says so of what must be refused
            self.rejected.add(place)
            return
        event = json.loads(message.value())
        customer = event["customer_id"]
        window = self._windows[customer, kind, message.partition()]
        tally = self.tallies[kind, message.partition()]
        if event["event_id"] in window:
            tally.duplicates[customer] += 1
            return
        window.append(event["event_id"])
        tally.counted[customer] += 1
        _count(self._customers.setdefault(customer, {}), event)
        if kind == "purchase":
            self.lines.add(place)
        if event["type"] == "purchase":
            self._order(place, customer, event["order_id"])

    def _order(self, place: Coordinates, customer: str, order: str) -> None:
        known = self._known[customer, place[2]]
        if order not in known:
            known.add(order)
            self.orders.add(place)

    def profiles(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield what each customer's public profile has to say of these counts."""
        for customer, counts in self._customers.items():
            yield customer, {name: _text(value) for name, value in counts.items()}


def _count(counts: Counts, event: dict[str, Any]) -> None:
    _add(counts, "events", 1)
    _COUNTS[event["type"]](counts, event)


def _add(counts: Counts, name: str, value: Any) -> None:
    counts[name] = counts.get(name, 0) + value


def _purchase(counts: Counts, event: dict[str, Any]) -> None:
    _add(counts, "items", event["quantity"])
    counts.setdefault("orders", set()).add(event["order_id"])
    revenue = f"revenue.{event['currency']}" if "currency" in event else "revenue"
    _add(counts, revenue, _amount(event))


def _return(counts: Counts, event: dict[str, Any]) -> None:
    _add(counts, "returns", 1)
    if "currency" not in event:
        _add(counts, "refunds", _amount(event))


def _amount(event: dict[str, Any]) -> Decimal:
    return Decimal(str(event["price"])) * int(event["quantity"])


def _browse(counts: Counts, event: dict[str, Any]) -> None:
    names = {"view": "views", "search": "searches"}
    if event["action"] in names:
        _add(counts, names[event["action"]], 1)


def _feedback(counts: Counts, event: dict[str, Any]) -> None:
    _add(counts, "rating.n", 1)


def _service(counts: Counts, event: dict[str, Any]) -> None:
    _add(counts, "service.n", 1)


def _customer(counts: Counts, event: dict[str, Any]) -> None:
    counts["facts.source"] = event["source"]


def _touch(counts: Counts, event: dict[str, Any]) -> None:
    names = {"delivered": "touch.sent", "open": "touch.opened", "click": "touch.clicked"}
    _add(counts, names[event["action"]], 1)


_COUNTS = {
    "purchase": _purchase,
    "return": _return,
    "browse": _browse,
    "feedback": _feedback,
    "service": _service,
    "customer": _customer,
    "touch": _touch,
}


def _text(value: Any) -> str:
    """Return a count as text; numbers are compared as numbers, whatever their zeros."""
    if isinstance(value, set):
        return str(len(value))
    return str(value.normalize() if isinstance(value, Decimal) else value)
