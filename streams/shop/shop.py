"""The shop: simulated a day at a time, in event time, from a seed.

The same seed, number of customers and start give the same events, however the time is cut into
calls. Faults are drawn apart, so the well-formed events are the same with or without them.
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import heappop, heappush
from operator import attrgetter
from random import Random
from typing import Final, NamedTuple

import orjson

from schemas.errors import PortraitError
from schemas.topics import Kind
from streams.shop.customer import Customer
from streams.shop.faults import damage
from streams.shop.kinds import DAY_MS, KINDS, CustomerKind
from streams.shop.visit import visit

REPEAT_MS: Final = 120_000  # a duplicate is sent within two minutes of its original

_NEWCOMERS: Final = [kind.share for kind in KINDS]
# whoever stays longer is met more often: members of a kind = arrivals x stay (Little, 1961)
_MEMBERS: Final = [kind.share * kind.stays_days for kind in KINDS]


class ShopError(PortraitError):
    """A shop cannot be as asked, or knows no such customer; evidence: `value`, `expected`."""


class Sent(NamedTuple):
    """A record on its way: `ts` is when it is sent (epoch ms), the event time unless repeated."""

    kind: Kind
    customer_id: str
    payload: bytes
    ts: int


class Truth(NamedTuple):
    """What no event says: the kind, and since when the customer is gone for good (None: is not)."""

    kind: str
    joined_ms: int
    left_ms: int | None


class Shop:
    """Customers who come, buy, speak and leave; whoever leaves is replaced, on average.

    `customers` is the number of members at any time; the first of them sign up at their first
    visits. `duplicates` and `malformed` are shares (0..1) of additional records.

    >>> shop = Shop(seed=7, customers=100, start_ms=1_700_000_000_000)
    >>> first = next(shop.events(until_ms=1_700_600_000_000))
    >>> first.kind, shop.truth(first.customer_id).left_ms
    ('customer', None)
    """

    def __init__(
        self,
        seed: int,
        customers: int,
        start_ms: int,
        duplicates: float = 0.002,
        malformed: float = 0.001,
    ) -> None:
        if customers < 1:
            raise ShopError("a shop needs customers", value=customers, expected="1 or more")
        self.now_ms = start_ms
        self._rng = Random(seed)  # noqa: S311 - a simulation
        self._extras = Random(f"extras of {seed}")  # noqa: S311 - a simulation
        self._faults = Random(f"faults of {seed}")  # noqa: S311 - a simulation
        self._duplicates, self._malformed = duplicates, malformed
        # another shop's events must not look like duplicates of these
        self._prefix, self._events = f"{seed:x}.{start_ms:x}.", 0
        self._customers: list[Customer] = []
        self._visits: list[tuple[int, int]] = []  # heap of (time, customer's number)
        self._due: defaultdict[int, list[Sent]] = defaultdict(list)  # by day
        self._today: list[Sent] = []  # latest first
        self._tomorrow = start_ms // DAY_MS
        self._arrivals_per_ms = customers / sum(_MEMBERS) / DAY_MS
        self._next_arrival = start_ms
        for kind in self._rng.choices(KINDS, _MEMBERS, k=customers):
            self._join(start_ms + int(self._rng.expovariate(kind.visits_per_day) * DAY_MS), kind)

    def events(self, until_ms: int) -> Iterator[Sent]:
        """Yield what is sent before `until_ms`, in time order, from where the last call ended.

        A caller that stops early loses nothing: the next call goes on with the next record.
        """
        while self._today or self._tomorrow * DAY_MS < until_ms:
            if not self._today:
                self._simulate_a_day()
                continue
            if self._today[-1].ts >= until_ms:
                break
            sent = self._today.pop()
            self.now_ms = sent.ts
            yield sent
        self.now_ms = max(self.now_ms, until_ms)

    def truth(self, customer_id: str) -> Truth:
        """Tell what the shop knows of a customer, as of `now_ms`.

        Raises ShopError if nobody of that id has signed up yet.
        """
        number = customer_id.removeprefix("c")
        known = number.isdecimal() and int(number) < len(self._customers)
        customer = self._customers[int(number)] if known else None
        if customer is None or customer.joined_ms > self.now_ms:
            raise ShopError("no such customer", value=customer_id, expected="who has signed up")
        left_ms = customer.leaves_ms if customer.leaves_ms <= self.now_ms else None
        return Truth(customer.kind.name, customer.joined_ms, left_ms)

    def _join(self, ts: int, kind: CustomerKind) -> None:
        number = len(self._customers)
        self._customers.append(Customer(number, kind, ts, self._rng))
        heappush(self._visits, (ts, number))

    def _simulate_a_day(self) -> None:
        day, end = self._tomorrow, (self._tomorrow + 1) * DAY_MS
        self._welcome(end)
        while self._visits and self._visits[0][0] < end:
            ts, number = heappop(self._visits)
            self._receive(self._customers[number], number, ts)
        self._today = sorted(self._due.pop(day, ()), key=attrgetter("ts"))
        self._today.reverse()  # sorted in reverse, what is sent at once would change places
        self._tomorrow += 1

    def _welcome(self, end: int) -> None:
        while self._next_arrival < end:
            self._next_arrival += 1 + int(self._rng.expovariate(self._arrivals_per_ms))
            self._join(self._next_arrival, self._rng.choices(KINDS, _NEWCOMERS)[0])

    def _receive(self, customer: Customer, number: int, ts: int) -> None:
        if ts >= customer.leaves_ms:
            return
        heappush(self._visits, (customer.next_visit(ts, self._rng), number))
        if not customer.comes(ts, self._rng):
            return
        for kind, at, fields in visit(customer, ts, self._rng, self._extras):
            self._events += 1
            fields |= {
                "event_id": f"{self._prefix}{self._events:x}",
                "customer_id": customer.id,
                "ts": at,
            }
            self._post(Sent(kind, customer.id, orjson.dumps(fields), at))

    def _post(self, sent: Sent) -> None:
        self._due[sent.ts // DAY_MS].append(sent)
        chance = self._faults.random()
        if chance < self._malformed:
            broken = sent._replace(payload=damage(sent.payload, self._faults))
            self._due[sent.ts // DAY_MS].append(broken)
        elif chance < self._malformed + self._duplicates:
            again = sent._replace(ts=sent.ts + self._faults.randrange(1, REPEAT_MS))
            self._due[again.ts // DAY_MS].append(again)
