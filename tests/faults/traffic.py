"""The events that are sent: a pure function of the seed, with all that real events suffer from."""

import itertools
import json
import random
import zlib
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.topics import KIND_OF_TYPE, Kind

OPENED_MS = 1_577_836_800_000  # 2020-01-01: the records' own times begin here, in the past
STEP_MS = 60_000
ACTIVE = 300
"""Customers about at any time; the newest of them come most often."""

EVENTS_EACH = 150
"""Events of one customer, in all: fewer than 256 orders, so that counting orders is exact."""

REMEMBERED = 40
"""A duplicate follows at most so many events later: well inside the duplicate window."""

SHUFFLED = 12
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
BY_KEY = -1
Headers = list[tuple[str, str | bytes | None]]
REJECTED: Headers = [("expect", b"rejected")]
"""Headers of a record that must become a dead letter."""

MALFORMED: list[bytes | None] = [
    None, b"", b"\xff\xfe", b"{", b"[1, 2]", b'{"type": "purchase"}',
    b'{"type": "refund", "event_id": "1", "customer_id": "c", "ts": 0}',
    b'{"type": "purchase", "event_id": "1", "customer_id": "a}b", "ts": 0}',
]  # fmt: skip


class Mix(NamedTuple):
    """Shares of what is unusual, of all events."""

    duplicate: float = 0.03
    late: float = 0.03
    early: float = 0.02  # from the future, within the limit
    future: float = 0.005  # beyond it
    malformed: float = 0.01
    elsewhere: float = 0.03  # in the partition after the customer's own


class Sent(NamedTuple):
    """A record to produce; a partition of -1 leaves the choice to the key."""

    kind: Kind
    partition: int
    key: bytes
    value: bytes | None
    headers: Headers
    timestamp: int


class Traffic:
    """Records without end; `mix` may be changed on the way.

    >>> first, second = Traffic(7), Traffic(7)
    >>> [next(first) for _ in range(100)] == [next(second) for _ in range(100)]
    True
    """

    def __init__(self, seed: int, partitions: int = 4, mix: Mix | None = None) -> None:
        self.mix = mix or Mix()
        self._seed = seed
        self._partitions = partitions
        self._chance = random.Random(seed)
        self._numbers = itertools.count()
        self._recent: deque[Sent] = deque(maxlen=REMEMBERED)
        self._waiting: list[Sent] = []

    def __iter__(self) -> Iterator[Sent]:
        return self

    def __next__(self) -> Sent:
        """Return the next record, out of its order by a few places."""
        while len(self._waiting) < SHUFFLED:
            self._waiting.append(self._make())
        return self._waiting.pop(self._chance.randrange(SHUFFLED))

    def _make(self) -> Sent:
        chance, mix = self._chance, self.mix
        if self._recent and chance.random() < mix.duplicate:
            return chance.choice(self._recent)
        number = next(self._numbers)
        at = OPENED_MS + number * STEP_MS
        customer = f"c{number // EVENTS_EACH + int(ACTIVE * chance.random() ** 3)}"
        if chance.random() < mix.malformed:
            value = chance.choice(MALFORMED)
            return Sent("purchase", BY_KEY, customer.encode(), value, REJECTED, at)
        event = _EVENTS[chance.choices(_TYPES, _WEIGHTS)[0]](chance)
        event |= {"event_id": f"{self._seed}-{number}", "customer_id": customer}
        offset, headers = self._time(at)
        event["ts"] = at + offset
        place = self._elsewhere(customer) if chance.random() < mix.elsewhere else BY_KEY
        value = json.dumps(event).encode()
        sent = Sent(KIND_OF_TYPE[event["type"]], place, customer.encode(), value, headers, at)
        if not headers:
            self._recent.append(sent)
        return sent

    def _time(self, at: int) -> tuple[int, Headers]:
        """Return how far from its record an event's time is (ms), and whether it is refused."""
        chance, mix = self._chance, self.mix
        kind = chance.choices(
            ("late", "early", "future", "now"),
            (mix.late, mix.early, mix.future, 1 - mix.late - mix.early - mix.future),
        )[0]
        if kind == "late":
            return -chance.randrange(min(40 * DAY_MS, at)), []
        if kind == "early":
            return chance.randrange(20 * HOUR_MS), []
        if kind == "future":
            return 25 * HOUR_MS + chance.randrange(DAY_MS), REJECTED
        return -chance.randrange(10_000), []

    def _elsewhere(self, customer: str) -> int:
        return zlib.crc32(customer.encode()) % self._partitions


def _line(chance: random.Random) -> dict[str, Any]:
    line: dict[str, Any] = {
        "order_id": f"o{chance.randrange(40)}",
        "item_id": f"i{chance.randrange(60)}",
        "category": f"k{chance.randrange(12)}",
        "quantity": chance.randrange(1, 6),
        "price": chance.randrange(1, 10_000) / 100,
    }
    if chance.random() < 0.05:
        line["currency"] = "EUR"
    if chance.random() < 0.3:
        line["device"] = chance.choice(("phone", "desk"))
    return line


def _purchase(chance: random.Random) -> dict[str, Any]:
    return {"type": "purchase", **_line(chance)}


def _return(chance: random.Random) -> dict[str, Any]:
    return {"type": "return", **_line(chance)}


def _browse(chance: random.Random) -> dict[str, Any]:
    actions = ("view", "view", "view", "search", "cart_add", "cart_remove", "favourite")
    return {
        "type": "browse",
        "action": chance.choice(actions),
        "item_id": f"i{chance.randrange(60)}",
        "category": f"k{chance.randrange(12)}",
    }


def _feedback(chance: random.Random) -> dict[str, Any]:
    return {
        "type": "feedback",
        "rating": chance.randrange(1, 6),
        "text": "好" * chance.randrange(9),
    }


def _service(chance: random.Random) -> dict[str, Any]:
    return {"type": "service", "resolved": chance.random() < 0.8, "score": chance.randrange(1, 6)}


def _customer(chance: random.Random) -> dict[str, Any]:
    return {"type": "customer", "country": chance.choice(("DE", "CN", "US")), "source": "form"}


def _touch(chance: random.Random) -> dict[str, Any]:
    action = chance.choice(("delivered", "delivered", "open", "click"))
    return {"type": "touch", "campaign": f"m{chance.randrange(5)}", "action": action}


_EVENTS = {
    "purchase": _purchase,
    "return": _return,
    "browse": _browse,
    "feedback": _feedback,
    "service": _service,
    "customer": _customer,
    "touch": _touch,
}
_TYPES = tuple(_EVENTS)
_WEIGHTS = (36, 3, 36, 8, 3, 4, 10)
