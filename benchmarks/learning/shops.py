"""The synthetic shop, whose truth is known: churn, drift, and who has really left."""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmarks.learning import rules
from benchmarks.learning.events import DAY_MS, Event, of_shop
from benchmarks.learning.examples import Column, asked, purchases
from benchmarks.learning.fold import Vector
from benchmarks.learning.scenario import (
    EIGHT_WEEKS_MS,
    HORIZON_DAYS,
    WEEK_MS,
    Scenario,
    folded,
    joined,
)
from streams.shop import Shop
from streams.shop.shop import Truth

START_MS = 1_672_531_200_000  # 2023-01-01
DAYS = 308
CUSTOMERS = 300
SEED = 11


class Run(NamedTuple):
    """A shop's events, vectors at orders and everybody's every week, and the truth at the end."""

    events: list[Event]
    orders: list[Vector]
    weekly: list[Vector]
    truths: dict[str, Truth]

    @property
    def ends_at(self) -> int:
        return START_MS + DAYS * DAY_MS


@cache
def run(seed: int) -> Run:
    """Simulate and fold a shop once."""
    shop = Shop(seed, CUSTOMERS, START_MS)
    events = of_shop(shop, START_MS + DAYS * DAY_MS)
    moments = range(START_MS + WEEK_MS, START_MS + DAYS * DAY_MS + 1, WEEK_MS)
    orders, weekly = folded(events, "GBP", moments)
    truths = {each.customer: shop.truth(each.customer) for each in weekly}
    return Run(events, orders, weekly, truths)


def churn() -> Scenario:
    """Asked of everybody every week: an order within 30 days?"""
    shop = run(SEED)
    examples = asked(
        shop.weekly, purchases(shop.events), HORIZON_DAYS, shop.ends_at, START_MS + EIGHT_WEEKS_MS
    )
    known = rules.of_features(examples)
    return Scenario("orders within 30 days, asked weekly", "shop", examples, known)


def drift() -> Scenario:
    """The same, but half way every relation turns round: who looked loyal leaves.

    Scored are the questions from eight weeks after the change on: its first answers take 30 days.
    """
    plain = churn()
    examples = plain.examples
    half = START_MS + DAYS // 2 * DAY_MS
    flipped = examples.labels ^ (examples.asked_at >= half)
    scored = examples.asked_at >= half + EIGHT_WEEKS_MS
    changed = type(examples)(
        examples.customers, examples.asked_at, examples.due_at, examples.features, flipped, scored
    )
    return Scenario("the same after a change", "shop, flipped half way", changed, plain.rules,
                    drift_at=half)  # fmt: skip


def stayed() -> Scenario:
    """Who has not left for good, as the shop itself knows it at the end?

    Nobody is told who left: the models learn who orders within 30 days.
    """
    shop = run(SEED)
    before = asked(shop.weekly, purchases(shop.events), HORIZON_DAYS, shop.ends_at, shop.ends_at)
    last = [vector for vector in shop.weekly if vector.at == shop.ends_at - 1]
    then = asked(last, {}, 0, shop.ends_at, 0)
    truth = np.array([shop.truths[each.customer].left_ms is None for each in last])
    then = replace(then, labels=truth, due_at=then.asked_at + 1)  # the truth is not learnt
    known = rules.of_features(then)
    known["last seen"] = last_seen(shop.events, then.customers.tolist())
    padding = np.full(len(before), np.nan)
    padded = {rule: np.concatenate((padding, scores)) for rule, scores in known.items()}
    name = "has not left for good (the shop's truth)"
    return Scenario(name, "shop", joined(before, then), padded, target=0.9)


def last_seen(events: list[Event], customers: list[str]) -> Column:
    """When each did anything for the last time (epoch ms)."""
    seen = {event["customer_id"]: event["ts"] for _, event in events}
    return np.array([seen[customer] for customer in customers], dtype=float)
