"""How fast one worker is with everything on: decode, fold, derive, score, exactly-once writes.

    python benchmarks/worker.py shop --events 300000
    python benchmarks/worker.py ../shared/data/online_retail.parquet --mapping online_retail

Broker, Redis, learner and the feed share the machine with it. Printed are events a second from the
first stored to the last, the CPU seconds of each process per million events, and the worker's peak
memory. These machines are noisy: compare runs side by side, quote the CPU seconds.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from itertools import islice

import psutil
from redis import Redis

from profiles.settings import Settings
from schemas.mapping.mapping import MappedEvent
from streams.feed import Feed
from streams.run.stack import RunningStack
from streams.shop import Shop
from streams.sources import load_mapping, open_source, source_name

YEAR_MS = 365 * 86_400_000


def shop_events(count: int, customers: int) -> Iterator[MappedEvent]:
    """Yield a synthetic shop's first events."""
    now = int(time.time() * 1000)
    sent = Shop(1, customers, now - 3 * YEAR_MS).events(now)
    for event in islice(sent, count):
        yield MappedEvent(event.kind, event.customer_id, event.payload)


def source_events(path: str, mapping_name: str) -> Iterator[MappedEvent]:
    """Yield a file's events."""
    mapping = load_mapping(mapping_name)
    to_events = mapping.compile(source_name(path))
    for chunk in open_source(path, mapping.source):
        yield from to_events(chunk)


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def warm(stack: RunningStack, first: list[MappedEvent]) -> None:
    """Wait until worker and learner are up: a few events have gone all the way."""
    feed = Feed(stack.settings.brokers, "", stack.brake.add, linger_ms=5)
    for event in first:
        feed.send(event.kind, event.key, event.payload)
    feed.flush()
    stack.brake.wait_until_done()


def measure(events: list[MappedEvent]) -> None:
    """Run them through a fresh stack and print the figures."""
    with RunningStack(Settings()) as stack:
        warm(stack, events[:500])
        rest = events[500:]
        pids = process_ids(stack)
        before = {role: cpu_seconds(pid) for role, pid in pids.items()}
        seconds = timed(lambda: carry(stack, rest))
        print(f"{len(rest) / seconds:,.0f} events/s ({len(rest):,} events, {seconds:.1f} s)")
        for role, pid in pids.items():
            used = (cpu_seconds(pid) - before[role]) / len(rest) * 1e6
            print(f"{role}: {used:.1f} CPU-s per million events")
        print(f"worker peak: {stack.processes.peak_mib('worker')} MiB")


def process_ids(stack: RunningStack) -> dict[str, int]:
    """Return who shares the machine: this process carries the feed and the broker."""
    with Redis.from_url(stack.settings.redis_url) as redis:
        server = redis.info("server")["process_id"]
    roles = {role: stack.processes.pid(role) for role in ("worker", "learner")}
    return roles | {"redis": server, "feed and broker": os.getpid()}


def carry(stack: RunningStack, events: list[MappedEvent]) -> None:
    """Send as fast as the broker may be fed, and wait until everything is stored."""
    feed = Feed(stack.settings.brokers, "", stack.brake.add)
    for event in events:
        feed.send(event.kind, event.key, event.payload)
    feed.flush()
    while stack.progress.stored() < stack.brake.sent:
        stack.brake.pause()


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="shop")
    parser.add_argument("--mapping", default="online_retail")
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    for _ in range(given.rounds):
        if given.source == "shop":
            measure(list(shop_events(given.events, given.customers)))
        else:
            measure(list(islice(source_events(given.source, given.mapping), given.events)))


if __name__ == "__main__":
    main()
