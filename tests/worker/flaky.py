"""A store that can be away, and a log of purchases to fill it from."""

from collections import Counter

import orjson
from faust.types import TP
from redis.exceptions import ConnectionError as RedisAwayError

from profiles.keyspace import Partition
from profiles.sections.section import Section
from profiles.stores.memory import MemoryStore
from streams.transport import RecordBatch
from tests.worker.stubs import batches

TOPIC = "events.purchase"
TP0, PARTITION0 = TP(TOPIC, 0), Partition("purchase", 0)
CUSTOMERS = 5


def purchase(number: int) -> bytes:
    """One order of one line; customers take turns."""
    return orjson.dumps(
        {
            "type": "purchase",
            "event_id": f"e{number}",
            "customer_id": f"c{number % CUSTOMERS}",
            "order_id": f"o{number}",
            "ts": 1_300_000_000_000 + number * 60_000,
            "price": 1.5,
        }
    )


def log_of(count: int, size: int = 10, partition: int = 0) -> list[RecordBatch]:
    """A partition's log of purchases, in batches."""
    return list(batches(TOPIC, partition, [purchase(n) for n in range(count)], size))


class FlakyStore(MemoryStore):
    """A store whose server is away for the next `away` calls that write."""

    away = 0

    async def write(self, partition, footing, writes):
        self.fail()
        return await super().write(partition, footing, writes)

    async def advance(self, partition, footing, to, lost=0):
        self.fail()
        return await super().advance(partition, footing, to, lost)

    def fail(self) -> None:
        if self.away:
            self.away -= 1
            raise RedisAwayError("away")

    def lines(self) -> Counter[str]:
        """Lines counted, by customer."""
        lines: Counter[str] = Counter()
        for customer, sections in self.sections.items():
            for section in sections.values():
                lines[customer] += Section.decode("purchase", section).facts.lines
        return lines

    def duplicates(self) -> int:
        """Events that were dropped because their id was known."""
        sections = (section for fields in self.sections.values() for section in fields.values())
        return sum(Section.decode("purchase", section).duplicates for section in sections)


def expected_lines(count: int) -> Counter[str]:
    return Counter(f"c{number % CUSTOMERS}" for number in range(count))
