"""How fast the record-batch transport hands over bytes, beside stock Faust; and its memory.

    python benchmarks/transport.py [--kafka HOST:PORT] [--records 88000] [--rounds 5]
    python benchmarks/transport.py --memory --records 5000000

The comparison: one topic of 4 partitions, read from the beginning by an agent that only looks
whether there is a value. The clock runs over the last three quarters, so joining the group and the
first prefetch are not in it. Rounds alternate; medians and the ratio of the pairs are printed.
Stock Faust reads a share of the records, since its rate does not depend on their number. Without
--kafka the embedded broker is used: it keeps about 5 MB a partition, so 88,000 records are what one
topic can hold, and a record that was dropped before it was read ends the run.

The memory run produces while it reads, at most LEAD records ahead, and prints the resident memory
of this process (broker, producer and reader together) on the way, and the lag at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import secrets
import statistics
import time
from typing import Any

import confluent_kafka
import faust
import psutil

from streams.embedded import EmbeddedBroker
from streams.transport import batch_topic, record_batch_app, serve

PARTITIONS = 4
LEAD = 40_000  # of 190 bytes, over 4 partitions: less than half of what the embedded broker keeps
STOCK_SHARE = 4  # stock Faust reads one in so many of the records
WARM_UP = 0.25  # of the records are read before the clock starts: what was prefetched is free
SAMPLES = 10


def purchases(count: int, seed: int = 7) -> list[bytes]:
    """Purchases of about 190 bytes."""
    draw = random.Random(seed)
    return [
        json.dumps(
            {
                "type": "purchase",
                "event_id": f"{draw.getrandbits(64):016x}",
                "customer_id": str(draw.randrange(50_000)),
                "ts": 1_700_000_000_000 + number * 37,
                "item_id": f"sku-{draw.randrange(5_000)}",
                "category": f"category-{draw.randrange(40)}",
                "quantity": draw.randrange(1, 5),
                "price": draw.randrange(100, 20_000) / 100,
                "currency": "GBP",
            }
        ).encode()
        for number in range(count)
    ]


class Topic:
    """A new topic, filled evenly over its partitions."""

    def __init__(self, brokers: str) -> None:
        self.brokers = brokers
        self.name = f"bench.{secrets.token_hex(4)}"
        self.count = 0
        self._producer = confluent_kafka.Producer({"bootstrap.servers": brokers, "linger.ms": 20})

    def fill(self, values: list[bytes]) -> None:
        for value in values:
            self._produce(value)
        assert self._producer.flush(60) == 0

    def _produce(self, value: bytes) -> None:
        with contextlib.suppress(BufferError):
            self._producer.produce(self.name, value, partition=self.count % PARTITIONS)
            self.count += 1
            return
        self._producer.poll(0.1)
        self._produce(value)

    def lag(self, group: str) -> list[int]:
        """End of each partition less what the group has committed."""
        client = confluent_kafka.Consumer({"bootstrap.servers": self.brokers, "group.id": group})
        places = [confluent_kafka.TopicPartition(self.name, p) for p in range(PARTITIONS)]
        ends = [client.get_watermark_offsets(place, timeout=10)[1] for place in places]
        committed = [place.offset for place in client.committed(places, timeout=10)]
        client.close()
        return [end - offset for end, offset in zip(ends, committed, strict=True)]


class Count:
    """Records seen, and the clock between the first and the last of them."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.free = wanted, 0, 0
        self.first = self.last = 0.0
        self.done = asyncio.Event()

    def add(self, records: int) -> None:
        self.seen += records
        if not self.first and self.seen >= self.wanted * WARM_UP:
            self.first, self.free = time.perf_counter(), self.seen
        if self.seen >= self.wanted and not self.done.is_set():
            self.last = time.perf_counter()
            self.done.set()

    @property
    def rate(self) -> float:
        return (self.seen - self.free) / (self.last - self.first)


def batch_app(topic: Topic, count: Count) -> faust.App:
    async def from_the_beginning(tps: Any) -> dict[Any, int | None]:
        return {}

    app = record_batch_app(new_group(), [topic.brokers], from_the_beginning)

    @app.agent(batch_topic(app, topic.name))
    async def agent(stream: Any) -> None:
        async for batch in stream:
            assert all(record.value for record in batch)
            count.add(len(batch))

    return app


def stock_app(topic: Topic, count: Count) -> faust.App:
    app = faust.App(
        new_group(),
        broker=f"kafka://{topic.brokers}",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        store="memory://",
        datadir="/tmp",  # noqa: S108 - it makes one, and keeps nothing in it
    )

    @app.agent(app.topic(topic.name, key_serializer="raw", value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            assert value
            count.add(1)

    return app


def new_group() -> str:
    return f"bench-{secrets.token_hex(4)}"


async def read(make: Any, topic: Topic, wanted: int) -> float:
    """Records a second."""
    count = Count(wanted)
    stop = asyncio.Event()
    run = asyncio.create_task(serve(make(topic, count), stop=stop))
    waiting = asyncio.create_task(count.done.wait())
    await asyncio.wait({run, waiting}, timeout=300, return_when=asyncio.FIRST_COMPLETED)
    assert count.done.is_set(), f"only {count.seen} of {wanted} records came"
    stop.set()
    await run
    return count.rate


async def compare(brokers: str, records: int, rounds: int) -> None:
    topic = Topic(brokers)
    topic.fill(purchases(records))
    rates: dict[str, list[float]] = {"stock": [], "batches": []}
    for number in range(1, rounds + 1):
        rates["stock"].append(await read(stock_app, topic, records // STOCK_SHARE))
        rates["batches"].append(await read(batch_app, topic, records))
        print(f"round {number}: " + ", ".join(f"{n} {r[-1]:,.0f}/s" for n, r in rates.items()))
    stock, batches = (statistics.median(rates[name]) for name in ("stock", "batches"))
    ratios = [b / s for s, b in zip(rates["stock"], rates["batches"], strict=True)]
    print(f"median: stock {stock:,.0f}/s, batches {batches:,.0f}/s")
    print(f"ratio: median {statistics.median(ratios):.1f}, lowest {min(ratios):.1f}")


async def stay_small(brokers: str, records: int) -> None:
    topic, count = Topic(brokers), Count(records)
    app, stop = batch_app(topic, count), asyncio.Event()
    run = asyncio.create_task(serve(app, stop=stop))
    process, samples = psutil.Process(), []
    values = purchases(LEAD // 4)
    for step in itertools.count(1):
        await asyncio.to_thread(topic.fill, values[: records - topic.count])
        while topic.count - count.seen > LEAD - len(values):
            await asyncio.sleep(0.005)
        if topic.count >= records * (len(samples) + 1) / SAMPLES:
            samples.append(process.memory_info().rss / 2**20)
            print(f"{topic.count:>9,} records, step {step}: {samples[-1]:.0f} MiB")
        if topic.count >= records:
            break
    await count.done.wait()
    stop.set()
    await run
    print(f"from 20 % to the end: {samples[-1] - samples[1]:+.1f} MiB")
    print(f"read {count.seen:,}; lag by partition after the last commit: {topic.lag(app.conf.id)}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kafka", help="host:port; the embedded broker without it")
    options.add_argument("--records", type=int, default=88_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--memory", action="store_true")
    chosen = options.parse_args()
    with contextlib.ExitStack() as servers:
        brokers = chosen.kafka or servers.enter_context(EmbeddedBroker()).bootstrap
        work = (
            stay_small(brokers, chosen.records)
            if chosen.memory
            else compare(brokers, chosen.records, chosen.rounds)
        )
        asyncio.run(work)


if __name__ == "__main__":
    main()
