"""How many workers, partitions and gigabytes a shop needs: a model on paper, from measured costs.

    python benchmarks/sizing.py
    python benchmarks/sizing.py --customers 3e6 --rate 5000 --core 20 --gigabyte 5

What was measured is in docs/performance.md and docs/costs.md; prices are anybody's guess, so give
your own. The table of docs/sizing.md is printed by the first of these.
"""

import argparse
import math
from typing import NamedTuple

WORKER_CPU = 47e-6
"""CPU seconds of a worker per event of the synthetic shop, everything on."""

REDIS_CPU = 4.4e-6
"""CPU seconds of Redis per event, scripts included."""

LEARNER_CPU = 52e-6
"""CPU seconds of the learner per event, all tasks (an example stands for four events)."""

BUSY = 0.6
"""How busy a core should be on average: the rest is for peaks, rebalances and catching up."""

LIGHT_BYTES, HEAVY_BYTES = 1_750, 5_200
"""Redis of a customer of 20 and of 1,000 events (medians), without scores."""

HEAVY_SHARE = 0.2
SCORE_BYTES = 230
"""Ten fields of scores, their version and reasons."""

OVERHEAD = 1.2
"""Redis's table of keys, and fragmentation."""

MASTER_GB = 24
"""Of one master: it forks to rewrite its file, and fails over in seconds."""

EVENT_BYTES = 250
COMPRESSION = 4
REPLICAS = 3
BROKER_BYTES = 50e6
"""What a broker takes in a second, copies of others included, with room for reading."""

DAY = 86_400
LEAST_PARTITIONS = 12


class Prices(NamedTuple):
    """Money a month for a core with its 4 GB, for a GB of memory in Redis, for a GB of disk."""

    core: float = 30.0
    gigabyte: float = 6.0
    disk: float = 0.08


class Plan(NamedTuple):
    """What to run."""

    workers: int
    partitions: int
    masters: int
    redis_gb: float
    brokers: int
    log_gb: float
    learning_share: float
    money: float


def plan(customers: float, rate: float, days: float, prices: Prices) -> Plan:
    """Return what so many customers and events a second need, the log kept for so many days.

    >>> plan(1e6, 1_000, 30, Prices())._replace(money=0.0)
    Plan(workers=1, partitions=12, masters=1, redis_gb=3.2, brokers=3, log_gb=486.0, \
learning_share=1.0, money=0.0)
    """
    workers = math.ceil(rate * WORKER_CPU / BUSY)
    each = LIGHT_BYTES + HEAVY_SHARE * (HEAVY_BYTES - LIGHT_BYTES) + SCORE_BYTES
    redis_gb = customers * each * OVERHEAD / 1e9
    masters = max(math.ceil(redis_gb / MASTER_GB), math.ceil(rate * REDIS_CPU / BUSY))
    written = rate * EVENT_BYTES / COMPRESSION * REPLICAS
    brokers = max(REPLICAS, math.ceil(written / BROKER_BYTES))
    log_gb = written * DAY * days / 1e9
    cores = workers + 1 + 2 * masters + 2 * brokers  # a replica for each master
    memory = 2 * max(redis_gb, masters)
    money = cores * prices.core + memory * prices.gigabyte + log_gb * prices.disk
    return Plan(
        workers,
        max(LEAST_PARTITIONS, 2 * workers),
        masters,
        round(redis_gb, 1),
        brokers,
        round(log_gb, 1),
        round(min(1.0, BUSY / (rate * LEARNER_CPU)), 4),
        round(money, 2),
    )


def row(customers: float, rate: float, found: Plan) -> str:
    """Return a row of the table."""
    cells = (
        f"{customers / 1e6:,g}", f"{rate:,g}", f"{found.workers:,}", f"{found.partitions:,}",
        f"{found.masters:,}", f"{found.redis_gb:,.0f}", f"{found.brokers:,}",
        f"{found.log_gb / 1000:,.1f}", f"{found.learning_share:g}", f"{found.money:,.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=float, nargs="*", default=[1e6, 1e8, 1e9])
    parser.add_argument("--rate", type=float, nargs="*", default=[1e3, 1e5, 5e6])
    parser.add_argument("--days", type=float, default=30, help="that the log is kept")
    for name, price in Prices()._asdict().items():
        parser.add_argument(f"--{name}", type=float, default=price, help="money a month")
    given = parser.parse_args()
    prices = Prices(given.core, given.gigabyte, given.disk)
    for customers in given.customers:
        for rate in given.rate:
            print(row(customers, rate, plan(customers, rate, given.days, prices)))


if __name__ == "__main__":
    main()
