"""How much memory a learner with all shipped tasks holds, how fast it reads, what a snapshot stops.

    python benchmarks/learning_memory.py [--examples 5000000]

Orders with their lines, visits, sampled events and reviews of 200,000 customers over three years:
more orders than a learner keeps, so that its bounds are at work, and reviews in which new words
never end. CPU time; resident memory as the system counts it, the interpreter and all modules
included. A snapshot is made as the learner's process makes it, in a fork, while small steps of the
flow go on: the longest of them is how long the flow stood still, at most.
"""

import argparse
import asyncio
import random
import resource
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from profiles.learning import snapshot
from profiles.learning.features import FEATURE_VERSION, FEATURES
from profiles.learning.learner import Learner
from profiles.learning.task import DAY_MS
from profiles.learning.tasks import all_tasks
from schemas.examples import AskedAt, Example, ExampleId, Outcome, Question
from streams.learn.aside import aside

CUSTOMERS, PARTITIONS, DAYS = 200_000, 4, 1_095
ROWS, WORDS, LENGTH = 10_000, 5_000, 12
LINES = 4  # of an order
CHUNK, STEP = 10_000, 20
MIB = 1 << 20
CATEGORIES = tuple("abcdefghij")
ROUND: tuple[AskedAt, ...] = ("order", "visit", "order", "visit", "order", "feedback", "event")
SOURCES = {"order": "purchase@1", "event": "purchase@1", "visit": "browse@1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200_000)
    n = parser.parse_args().examples
    learner, stream = Learner(all_tasks()), Shop(n).examples()
    print(f"{'examples':>12} {'examples/s':>12} {'resident, MiB':>14} {'peak, MiB':>10}")
    spent = 0.0
    for taken in range(CHUNK, n + 1, CHUNK):
        chunk = list(islice(stream, CHUNK))
        begun = time.process_time()
        learner.learn(chunk)
        spent += time.process_time() - begun
        if taken % (n // 10) == 0:
            print(f"{taken:12,} {taken / spent:12,.0f} {resident():14.0f} {peak():10.0f}")
    size, longest = asyncio.run(beside_a_snapshot(learner, stream, n))
    print(f"snapshot {size / MIB:.1f} MiB; longest step beside it {1_000 * longest:.0f} ms")


async def beside_a_snapshot(
    learner: Learner, stream: Iterator[Example], n: int
) -> tuple[int, float]:
    """Bytes of the snapshot; seconds from the end of one step to that of the next, at most."""
    snapshots = asyncio.create_task(aside(lambda: snapshot.take(learner, n, b"of this benchmark")))
    longest, before = 0.0, time.perf_counter()
    while not snapshots.done():
        learner.learn(list(islice(stream, STEP)))
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    return len(await snapshots), longest


class Shop:
    """Examples as a worker would send them, drawn from prepared rows: models, not data, count."""

    def __init__(self, n: int) -> None:
        self.rng = random.Random(1)
        self.step_ms = DAYS * DAY_MS // n
        self.rows = [[self.rng.lognormvariate(1, 1) for _ in FEATURES] for _ in range(ROWS)]
        self.words = [f"w{self.rng.randrange(10**6)}" for _ in range(WORDS)]

    def examples(self) -> Iterator[Example]:
        """Without end, in event time."""
        offset = 0
        while True:
            for moment in ROUND:
                for each in self._of(moment, offset):
                    yield each
                    offset += 1

    def _of(self, moment: AskedAt, offset: int) -> Iterator[Example]:
        number, at = self.rng.randrange(CUSTOMERS), offset * self.step_ms
        customer, source = f"c{number}", SOURCES.get(moment, "feedback@1")
        place = ExampleId(source, number % PARTITIONS, offset, 1)
        category = self.rng.choice(CATEGORIES)
        if moment == "order":
            for line in range(LINES):
                amount = self.rng.randrange(10_000, 10**6)
                yield Outcome(
                    "purchase", customer, at, offset, amount, category,
                    place._replace(offset=offset + line),
                )  # fmt: skip
            place = place._replace(offset=offset + LINES)
        row = self.rng.choice(self.rows)
        about = self._about(moment, category)
        yield Question(moment, customer, at, row, FEATURE_VERSION, about, place._replace(ordinal=2))

    def _about(self, moment: AskedAt, category: str) -> dict[str, Any]:
        if moment == "feedback":
            known = self.rng.choices(self.words, k=LENGTH)
            text = " ".join([*known, f"w{self.rng.randrange(10**9)}"])
            return {"text": text, "rating": float(self.rng.choice((1, 5)))}
        tastes = dict.fromkeys(self.rng.sample(CATEGORIES, 3), 1 / 3)
        return {"category": category, "amount": 25.0, "tastes": tastes}


def resident() -> float:
    """MiB now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB


def peak() -> float:
    """MiB at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
