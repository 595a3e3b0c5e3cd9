"""The events: three kinds of traffic, what must come of them, and events to watch for."""

import random
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from benchmarks.peers import job
from schemas.decode import decode
from streams.sources import load_mapping, open_source, source_name

PARTITIONS = 4
CUSTOMERS = 5_000
OPENED_MS = 1_700_000_000_000
STEP_MS = 1_000  # between two events: public times are to the second
RETAIL = Path(__file__).parents[3] / "shared" / "data" / "online_retail.parquet"

ZIPF = 1.0
OPEN_VISITS = 64
LINES_A_VISIT = 8


class Sent(NamedTuple):
    """An event as it is sent; `timestamp` is what `decode` compares its time with."""

    customer: str
    value: bytes
    timestamp: int = 1 << 50

    @property
    def partition(self) -> int:
        return zlib.crc32(self.customer.encode()) % PARTITIONS


class Probe(NamedTuple):
    """The event at `index` is visible once so many of its customer's lines are."""

    index: int
    customer: str
    lines: int


class Traffic:
    """Events in the order in which they are sent."""

    def __init__(self, name: str, events: list[Sent]) -> None:
        self.name, self.events = name, events

    def share(self, count: int) -> "Traffic":
        """Return the first `count` events as a traffic of their own."""
        return Traffic(self.name, self.events[:count])

    @cached_property
    def expected(self) -> dict[str, dict[str, int]]:
        """Every customer's state in the end: the reference."""
        states: dict[str, dict[str, int]] = {}
        for event in self.events:
            state = states.get(event.customer)
            states[event.customer] = job.fold(state, job.decode(event.value))
        return states

    def probes(self, every: int) -> list[list[Probe]]:
        """Return one event of so many, and the last ones, by partition and in order."""
        lines: Counter[str] = Counter()
        probes: list[list[Probe]] = [[] for _ in range(PARTITIONS)]
        last: list[Probe | None] = [None] * PARTITIONS
        for index, event in enumerate(self.events):
            lines[event.customer] += 1
            probe = Probe(index, event.customer, lines[event.customer])
            last[event.partition] = probe
            if index % every == 0:
                probes[event.partition].append(probe)
        for chosen, end in zip(probes, last, strict=True):
            if end is not None and chosen[-1:] != [end]:
                chosen.append(end)
        return probes


def traffics(count: int, names: list[str]) -> Iterator[Traffic]:
    """Yield the kinds of traffic asked for; Online Retail only where its file is."""
    if "uniform" in names:
        yield Traffic("uniform", list(_made(_uniform(count))))
    if "bursty" in names:
        yield Traffic("bursty", list(_made(_bursty(count))))
    if "retail" in names and RETAIL.exists():
        yield Traffic("retail", list(islice(_retail(), count)))


def _uniform(count: int) -> Iterator[tuple[int, str]]:
    """Yield customer and order of each line: anybody, an order of one line."""
    draw = random.Random(7)
    for number in range(count):
        yield draw.randrange(CUSTOMERS), f"o{number}"


def _bursty(count: int) -> Iterator[tuple[int, str]]:
    """Yield customer and order of each line: Zipf customers, whose orders have eight lines."""
    draw = random.Random(11)
    weights = list(accumulate((rank + 1) ** -ZIPF for rank in range(CUSTOMERS)))
    visits = [[0, 0, 0] for _ in range(OPEN_VISITS)]  # customer, order, lines left
    for number in range(count):
        visit = visits[draw.randrange(OPEN_VISITS)]
        if not visit[2]:
            (customer,) = draw.choices(range(CUSTOMERS), cum_weights=weights)
            visit[:] = customer, number, 1 + int(draw.expovariate(1 / (LINES_A_VISIT - 1)))
        visit[2] -= 1
        yield visit[0], f"o{visit[1]}"


def _made(lines: Iterator[tuple[int, str]]) -> Iterator[Sent]:
    draw = random.Random(13)
    for number, (customer, order) in enumerate(lines):
        event: dict[str, Any] = {
            "type": "purchase",
            "event_id": f"{draw.getrandbits(64):016x}",
            "customer_id": f"c{customer}",
            "ts": OPENED_MS + number * STEP_MS,
            "order_id": order,
            "item_id": f"sku-{draw.randrange(5_000)}",
            "category": f"category-{draw.randrange(40)}",
            "quantity": draw.randrange(1, 5),
            "price": draw.randrange(100, 20_000) / 100,
            "currency": "GBP",
        }
        yield Sent(event["customer_id"], orjson.dumps(event))


def _retail() -> Iterator[Sent]:
    """Yield the purchases of Online Retail: valid ones, each once."""
    mapping = load_mapping("online_retail")
    to_events = mapping.compile(source_name(str(RETAIL)))
    seen = set()
    for chunk in open_source(str(RETAIL), mapping.source):
        mapped = [Sent(each.key, each.payload) for each in to_events(chunk) if each.key]
        for index, event in decode("purchase", mapped, 0).accepted:
            if event["type"] == "purchase" and event["event_id"] not in seen:
                seen.add(event["event_id"])
                yield mapped[index]
