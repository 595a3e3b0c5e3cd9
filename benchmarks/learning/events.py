"""Data sets as validated events in the order of event time: real ones and the synthetic shop."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from schemas.decode import decode
from schemas.topics import Kind
from streams.shop import Shop
from streams.sources import load_mapping, open_source, source_name

SHARED = Path(__file__).parents[3] / "shared" / "data"
NO_LIMIT_MS = 1 << 50  # nothing is from the future here
DAY_MS = 86_400_000

Event = tuple[Kind, dict[str, Any]]


class Record(NamedTuple):
    value: bytes
    offset: int
    timestamp: int = 0


class Source(NamedTuple):
    """A file of the shared data and the mapping that makes events of it."""

    file: str
    mapping: str
    currency: str

    @property
    def path(self) -> Path:
        return SHARED / self.file


SOURCES = {
    "online_retail": Source("online_retail.parquet", "online_retail", "GBP"),
    "cdnow": Source("cdnow_sample.txt.gz", "cdnow", "USD"),
    "tmall": Source("tmall2014.csv.gz", "tmall2014", "CNY"),
    "completejourney": Source("completejourney.csv.gz", "completejourney", "USD"),
}


def validated(payloads: list[tuple[Kind, bytes]]) -> Iterator[Event]:
    """Decode as a worker does; what is malformed is left out."""
    for kind in sorted({kind for kind, _ in payloads}):
        records = [Record(value, 0) for each, value in payloads if each == kind]
        for _, event in decode(kind, records, NO_LIMIT_MS).accepted:
            yield kind, event


def real(source: Source) -> list[Event]:
    """All events of a file, by event time; what happened at once stays in the file's order."""
    mapping = load_mapping(source.mapping)
    to_events = mapping.compile(source_name(str(source.path)))
    found: list[Event] = []
    for chunk in open_source(str(source.path), mapping.source):
        found += validated([(each.kind, each.payload) for each in to_events(chunk)])
    return sorted(found, key=lambda event: event[1]["ts"])


def sample(events: list[Event], share: int) -> list[Event]:
    """Return the events of every `share`-th customer."""
    kept = set(sorted({event["customer_id"] for _, event in events})[::share])
    return [pair for pair in events if pair[1]["customer_id"] in kept]


def of_shop(shop: Shop, until_ms: int) -> list[Event]:
    """What a synthetic shop sends until then."""
    sent = [(each.kind, each.payload) for each in shop.events(until_ms)]
    return sorted(validated(sent), key=lambda event: event[1]["ts"])


def kind_of(event: Event) -> Kind:
    """Which topic an event is of."""
    return event[0]


def by_day(events: list[Event]) -> Iterator[tuple[int, list[Event]]]:
    """Days (their first ms) and their events."""
    for day, group in groupby(events, key=lambda event: event[1]["ts"] // DAY_MS):
        yield day * DAY_MS, list(group)
