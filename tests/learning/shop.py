"""A small shop whose customers differ in how often they come, and some stop coming."""

import heapq
import random

from profiles.learning.clock import DAY_MS
from profiles.learning.features import FEATURE_VERSION, NAMES
from schemas.examples import Example, ExampleId, Outcome, Question

START = 1_700_000_000_000
SOURCE = "purchase@1"


def features(**known: float) -> list[float]:
    """A row of the catalogue; what is not given is 0."""
    return [float(known.get(name, 0.0)) for name in NAMES]


def example_id(offset: int, ordinal: int = 0, partition: int = 0) -> ExampleId:
    return ExampleId(SOURCE, partition, offset, ordinal)


def order(customer: str, at: int, row: list[float], offset: int, partition: int) -> list[Example]:
    """What one new order gives: an outcome, then a question."""
    return [
        outcome(customer, at, offset, partition=partition),
        asked(customer, at, row, offset, partition=partition),
    ]


def outcome(customer="a", at=0, offset=0, *, partition=0, **other) -> Outcome:
    """One line, the only one of its order."""
    line = Outcome("purchase", customer, at, offset, 0, None, example_id(offset, 0, partition))
    return line._replace(**other)


def asked(customer="a", at=0, row=None, offset=0, *, partition=0, **other) -> Question:
    """A question at an order."""
    place = example_id(offset, 1, partition)
    row = features() if row is None else row
    return Question("order", customer, at, row, FEATURE_VERSION, {}, place)._replace(**other)


def examples(
    orders: int, customers: int = 200, seed: int = 1, partitions: int = 4
) -> list[Example]:
    """`orders` orders in event time, two examples each."""
    rng = random.Random(seed)
    pace = [rng.choice((4.0, 15.0, 60.0)) for _ in range(customers)]  # days between orders
    history: list[list[float]] = [[] for _ in range(customers)]
    due = [(rng.uniform(0, 60), who) for who in range(customers)]
    heapq.heapify(due)
    made: list[Example] = []
    for offset in range(orders):
        day, who = heapq.heappop(due)
        history[who].append(day)
        row = _row(history[who], spent=rng.lognormvariate(3, 1) * len(history[who]))
        at = START + int(day * DAY_MS)
        made += order(f"c{who}", at, row, offset, who % partitions)
        gone = 365.0 if rng.random() < 0.1 else 0.0
        heapq.heappush(due, (day + rng.expovariate(1 / pace[who]) + gone, who))
    return made


def _row(days: list[float], spent: float) -> list[float]:
    decayed = {
        f"decayed_orders_{half_life}": sum(0.5 ** ((days[-1] - day) / half_life) for day in days)
        for half_life in (7, 30, 90)
    }
    gap = days[-1] - days[-2] if len(days) > 1 else 365.0
    tenure = days[-1] - days[0]
    return features(
        orders=len(days),
        revenue=spent,
        last_gap_days=gap,
        tenure_days=tenure,
        mean_rating=3,
        **decayed,
    )
