"""What a customer costs: bytes in Redis by section and field, microseconds by group of traits.

    python benchmarks/traits.py [--retail ../shared/data/online_retail.parquet] [--write]

Customers of exactly 20 and of exactly 1,000 events: the first so many of those who have enough.
The synthetic shop's are measured as they come, spread evenly over a year, and in five bursts of an
hour; those of Online Retail, if its file is there, as they come. Everything takes the way that the
worker takes: decoded, folded, derived, stored by the store's own script; MEMORY USAGE is Redis's
own figure and holds its overhead. `--write` puts the tables into docs/costs.md.
"""

import argparse
import asyncio
import re
import timeit
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import mean, median
from time import process_time
from typing import Any, NamedTuple

import msgpack
from redis.asyncio import Redis

from profiles.cache import SectionCache
from profiles.changes import Batch
from profiles.derive import Deriver
from profiles.keyspace import Partition, profile_key, state_key
from profiles.scores import LiveScores
from profiles.sections.section import HEADER_SIZE, Section
from profiles.store import Mark
from profiles.stores.redis import RedisStore
from profiles.traits import Context, catalogue
from profiles.traits.catalogue import UNKNOWN, Known, TraitGroup
from profiles.traits.edges import RfmEdges
from profiles.traits.fields import FieldTraits
from profiles.update import ProfileUpdater
from profiles.view import View
from schemas.decode import decode
from schemas.topics import Kind
from streams.embedded import EmbeddedRedis
from streams.shop import Shop
from streams.sources import load_mapping, open_source, source_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "costs.md"
RETAIL = ROOT.parent / "shared" / "data" / "online_retail.parquet"
MARKERS = "<!-- measured -->\n", "<!-- /measured -->\n"
TARGETS = {20: 2048, 1000: 6144}
CUSTOMERS = 30
START_MS, HOUR_MS, DAY_MS = 1_600_000_000_000, 3_600_000, 86_400_000
YEAR_MS = 365 * DAY_MS
BURSTS = 5
LISTPACK_BYTES = 4  # around a name and its text
EDGES = RfmEdges((5, 30, 90, 200), (1, 2, 4, 8), (50, 150, 400, 1200), 1, START_MS)
CATALOGUE = catalogue()
TRAITS = FieldTraits(CATALOGUE)


def name_of(group: TraitGroup) -> str:
    return group.derive.__module__.rpartition(".")[2]


GROUP_OF = {each.name: name_of(group) for group in CATALOGUE.groups for each in group.traits}

Event = tuple[Kind, dict[str, Any]]
Timing = Callable[[int, int], int]
"""Place of an event and how many there are, to its time (ms)."""


class Record(NamedTuple):
    value: bytes
    offset: int = 0
    timestamp: int = 0


class Measured(NamedTuple):
    """One customer: Redis's bytes, bytes by part of the content, and what traits are made of."""

    profile: int
    state: int
    parts: dict[str, int]
    fields: dict[str, str]
    view: View


def evenly(place: int, count: int) -> int:
    return START_MS + place * YEAR_MS // count


def in_bursts(place: int, count: int) -> int:
    burst, within = divmod(place * BURSTS, count)
    return START_MS + burst * YEAR_MS // BURSTS + within * HOUR_MS // count


def by_customer(records: Iterable[tuple[Kind, bytes]]) -> dict[str, list[Event]]:
    """Decode events and group them; what is malformed is no matter here."""
    logs: dict[str, list[Event]] = defaultdict(list)
    for kind, payload in records:
        for _, event in decode(kind, [Record(payload)], 0).accepted:
            logs[event["customer_id"]].append((kind, dict(event)))
    return logs


def shop() -> Iterator[tuple[Kind, bytes]]:
    for sent in Shop(1, 300, START_MS).events(START_MS + YEAR_MS):
        yield sent.kind, sent.payload


def retail(path: Path) -> Iterator[tuple[Kind, bytes]]:
    mapping = load_mapping("online_retail")
    to_events = mapping.compile(source_name(str(path)))
    for chunk in open_source(str(path), mapping.source):
        for event in to_events(chunk):
            yield event.kind, event.payload


def first(logs: dict[str, list[Event]], count: int, timing: Timing | None) -> list[list[Event]]:
    """Return the first events of the first customers who have so many."""
    chosen = [log[:count] for log in logs.values() if len(log) >= count][:CUSTOMERS]
    if timing is None:
        return chosen
    return [
        [(kind, event | {"ts": timing(place, count)}) for place, (kind, event) in enumerate(log)]
        for log in chosen
    ]


async def measure(logs: list[list[Event]], currency: str) -> list[Measured]:
    """Store every customer, and ask Redis."""
    with EmbeddedRedis() as server:
        async with Redis.from_url(server.url) as client:
            await store(client, logs, currency)
            return [await weigh(client, log[0][1]["customer_id"], currency) for log in logs]


async def store(client: Redis, logs: list[list[Event]], currency: str) -> None:
    redis = RedisStore(client)
    deriver = Deriver(CATALOGUE, currency, LiveScores())
    deriver.edges = EDGES
    updater = ProfileUpdater(redis, SectionCache(1 << 24), deriver)
    topics: dict[Kind, list[tuple[int, Any]]] = defaultdict(list)
    for log in logs:
        for kind, event in log:
            topics[kind].append((len(topics[kind]), dict(event)))
    for kind, events in topics.items():
        partition = Partition(kind, 0)
        footing = await redis.footing(partition)
        footing = await redis.advance(partition, footing, Mark(1, 0))
        await updater.write(footing, await updater.fold(Batch(partition, 1, events)))


async def weigh(client: Redis, customer: str, currency: str) -> Measured:
    (state,) = await RedisStore(client).load([customer])
    parts: dict[str, int] = {}
    facts = []
    for field, encoded in state.sections.items():
        kind = field.partition("/")[0]
        section = Section.decode(kind, encoded)
        facts.append((kind, section.facts))
        parts[f"{kind}: header"] = HEADER_SIZE
        parts[f"{kind}: duplicate window"] = len(msgpack.packb(section.window.pack()))
        for name, value in zip(section.facts.LAYOUT, section.facts.pack(), strict=True):
            parts[f"{kind}: {name}"] = len(msgpack.packb(value, default=str))
    return Measured(
        await client.memory_usage(profile_key(customer), samples=0),
        await client.memory_usage(state_key(customer), samples=0),
        parts,
        await RedisStore(client).profile(customer),
        View.of(facts),
    )


def sizes_row(name: str, count: int, found: list[Measured]) -> str:
    together = [each.profile + each.state for each in found]
    profile, state = (median(getattr(m, n) for m in found) for n in ("profile", "state"))
    fields = round(median(len(each.fields) for each in found))
    within = sum(size <= TARGETS[count] for size in together) / len(found)
    return (
        f"| {name} | {count:,} | {len(found)} | {fields} | {profile:,.0f} | {state:,.0f} "
        f"| {median(together):,.0f} | {max(together):,} | {TARGETS[count]:,} | {within:.0%} |\n"
    )


def parts_rows(found: dict[int, list[Measured]]) -> str:
    """Mean bytes of each part of the sections, the largest first; small ones together."""
    sums = {count: defaultdict(float) for count in found}
    for count, customers in found.items():
        for each in customers:
            for part, size in each.parts.items():
                sums[count][part] += size / len(customers)
    small, large = sums.values()
    parts = sorted(large | small, key=lambda part: -large[part])
    shown = [part for part in parts if large[part] >= 16]
    rest = [part for part in parts if large[part] < 16]
    rows = [(part, small[part], large[part]) for part in shown]
    rows.append(
        (f"{len(rest)} smaller parts", sum(small[p] for p in rest), sum(large[p] for p in rest))
    )
    return "".join(f"| {part} | {few:,.0f} | {many:,.0f} |\n" for part, few, many in rows)


def group_rows(found: dict[int, list[Measured]], currency: str) -> str:
    """Fields, bytes and microseconds of each group of traits."""
    rows = []
    for name in dict.fromkeys(GROUP_OF.values()):
        derives = [group.derive for group in CATALOGUE.groups if name_of(group) == name]
        cells = []
        for customers in found.values():
            mine = [
                (field, text)
                for each in customers
                for field, text in each.fields.items()
                if (trait := TRAITS.of(field)) and GROUP_OF[trait.name] == name
            ]
            bytes_ = sum(len((f + t).encode()) + LISTPACK_BYTES for f, t in mine) / len(customers)
            cells += [f"{len(mine) / len(customers):.1f}", f"{bytes_:.0f}"]
            micros_each = sum(micros(derive, customers, currency) for derive in derives)
            cells += [f"{micros_each:.1f}"]
        rows.append(f"| {name} | {' | '.join(cells)} |\n")
    return "".join(rows)


def moved_rows(found: dict[int, list[Measured]], currency: str) -> str:
    """Microseconds of all traits together, anew and where one section has moved on."""
    rows = []
    for moved in ("everything", "browse", "purchase", "nothing"):
        cells = [f"{micros_together(each, currency, moved):.1f}" for each in found.values()]
        rows.append(f"| {moved} | {' | '.join(cells)} |\n")
    return "".join(rows)


def micros_together(found: list[Measured], currency: str, moved: str) -> float:
    views = [each.view for each in found]
    contexts = [Context(view.last_seen or 0, currency, EDGES) for view in views]
    known = [UNKNOWN for _ in views]
    if moved != "everything":
        known = [Known(parts, moved) for parts in CATALOGUE.parts(views, contexts, known)]

    def work() -> None:
        CATALOGUE.parts(views, contexts, known)

    return min(timeit.repeat(work, timer=process_time, number=10, repeat=5)) / 10 / len(views) * 1e6


def micros(derive: Callable[[View, Context], Any], found: list[Measured], currency: str) -> float:
    """Return the microseconds of one derivation, the least of some rounds."""
    given = [(each.view, Context(each.view.last_seen or 0, currency, EDGES)) for each in found]

    def work() -> None:
        for view, context in given:
            derive(view, context)

    return min(timeit.repeat(work, timer=process_time, number=10, repeat=5)) / 10 / len(given) * 1e6


def report(shop_logs: dict[str, list[Event]], retail_logs: dict[str, list[Event]]) -> str:
    """Measure everything; return the tables."""
    kinds: list[tuple[str, dict[str, list[Event]], Timing | None, str]] = [
        ("shop, as it comes", shop_logs, None, "USD"),
        ("shop, evenly over a year", shop_logs, evenly, "USD"),
        ("shop, in five bursts", shop_logs, in_bursts, "USD"),
        ("Online Retail", retail_logs, None, "GBP"),
    ]
    text = (
        "| customers | events | n | fields | profile | sections | together | most | target | "
        "within |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    )
    found: dict[str, dict[int, list[Measured]]] = defaultdict(dict)
    for name, logs, timing, currency in kinds:
        for count in TARGETS:
            if chosen := first(logs, count, timing):
                found[name][count] = asyncio.run(measure(chosen, currency))
                text += sizes_row(name, count, found[name][count])
    shop_found = found["shop, as it comes"]
    both = [each for customers in shop_found.values() for each in customers]
    text += "\nOf one derivation, by group of traits (shop, as it comes):\n\n| traits | "
    text += " | ".join(f"fields at {n:,} | bytes | µs" for n in TARGETS)
    text += " |\n|---|--:|--:|--:|--:|--:|--:|\n" + group_rows(shop_found, "USD")
    text += (
        "\nOf one derivation as the worker does it, customers together, in µs:\n\n| what moved | "
    )
    text += " | ".join(f"at {n:,} events" for n in TARGETS)
    text += " |\n|---|--:|--:|\n" + moved_rows(shop_found, "USD")
    for name in ("shop, as it comes", "Online Retail"):
        if len(found[name]) == len(TARGETS):
            text += f"\nBytes of the sections' parts ({name}), mean:\n\n| part | "
            text += " | ".join(f"{n:,} events" for n in TARGETS)
            text += " |\n|---|--:|--:|\n" + parts_rows(found[name])
    content = mean(m.state - sum(m.parts.values()) for m in both)
    return text + f"\nRedis's own overhead of a state: {content:,.0f} bytes, mean.\n"


def write(tables: str) -> None:
    """Put the tables between the page's markers."""
    start, end = map(re.escape, MARKERS)
    page = PAGE.read_text()
    inside = f"{MARKERS[0]}\n{tables}\n{MARKERS[1]}"
    PAGE.write_text(re.sub(f"{start}.*{end}", lambda _: inside, page, flags=re.DOTALL))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--retail", type=Path, default=RETAIL)
    parser.add_argument("--write", action="store_true", help="into docs/costs.md")
    options = parser.parse_args()
    tables = report(
        by_customer(shop()), by_customer(retail(options.retail)) if options.retail.exists() else {}
    )
    print(tables)
    if options.write:
        write(tables)


if __name__ == "__main__":
    main()
