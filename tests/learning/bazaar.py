"""A shop with visits, amounts and categories: what tasks beside churn and segments learn from.

Customers buy often or rarely, for little or for much, and most visits that begin with a full cart
end in an order; after one order in ten they are never seen again, and others come. After tea come
cups, after cups pots, after pots tea, mostly.
"""

import random
from itertools import pairwise
from typing import NamedTuple

from profiles.learning.features import FEATURE_VERSION
from profiles.learning.task import DAY_MS
from schemas.examples import Example, ExampleId, Outcome, Question
from tests.learning.shop import START, features

CATEGORIES = ("tea", "cups", "pots")
MINUTE = 60_000
BROWSE, PURCHASE = "browse@1", "purchase@1"


class Customer(NamedTuple):
    name: str
    buys: float  # P(a visit with an empty cart ends in an order)
    spends: float  # mean
    days: list[float]  # of the orders
    bought: list[str]
    paid: list[float]


def examples(visits: int, customers: int = 60, seed: int = 1) -> list[Example]:
    """Visits in event time, one partition; a sampled event with every tenth order."""
    rng, everybody = random.Random(seed), [newcomer(number) for number in range(customers)]
    made: list[Example] = []
    for offset in range(visits):
        seat, day = rng.randrange(customers), offset * 5 / customers  # every five days each
        customer, at, full = everybody[seat], START + int(day * DAY_MS), rng.random() < 0.3
        known = row(customer, at, cart_adds_30=float(full))
        made.append(ask("visit", customer, at, known, ExampleId(BROWSE, 0, offset, 2)))
        if rng.random() < (0.9 if full else customer.buys):
            made += order(customer, at + 10 * MINUTE, offset, rng)
            if rng.random() < 0.1:
                everybody[seat] = newcomer(customers + offset)
    return made


def newcomer(number: int) -> Customer:
    buys, spends = (0.05, 0.5)[number % 2], (20.0, 400.0)[number // 2 % 2]
    return Customer(f"c{number}", buys, spends, [], [], [])


def order(customer: Customer, at: int, offset: int, rng: random.Random) -> list[Example]:
    """A sampled event (features before it), an outcome, a question (features after it)."""
    category = next_of(customer.bought, rng)
    amount = customer.spends * rng.lognormvariate(0, 0.3)
    about = {"category": category, "amount": amount, "tastes": tastes(customer.bought)}
    sampled = ask(
        "event", customer, at, row(customer, at), ExampleId(PURCHASE, 0, offset, 0), **about
    )
    customer.days.append((at - START) / DAY_MS)
    customer.bought.append(category)
    customer.paid.append(amount)
    place = ExampleId(PURCHASE, 0, offset, 1)
    said = {"tastes": tastes(customer.bought)}
    return [
        *([sampled] if offset % 10 == 0 else []),
        Outcome("purchase", customer.name, at, offset, round(amount * 10_000), category, place),
        ask("order", customer, at, row(customer, at), place._replace(ordinal=2), **said),
    ]


def next_of(bought: list[str], rng: random.Random) -> str:
    if bought and rng.random() < 0.9:
        return CATEGORIES[(CATEGORIES.index(bought[-1]) + 1) % 3]
    return rng.choice(CATEGORIES)


def tastes(bought: list[str]) -> dict[str, float]:
    """Weights that halve with every order."""
    weights = dict.fromkeys(bought, 0.0)
    for age, category in enumerate(reversed(bought)):
        weights[category] += 0.5**age
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def ask(moment, customer, at, known, place, **about) -> Question:
    return Question(moment, customer.name, at, known, FEATURE_VERSION, about, place)


def row(customer: Customer, at: int, **known: float) -> list[float]:
    """What the catalogue knows of a customer then."""
    now, days = (at - START) / DAY_MS, customer.days
    gaps = [later - earlier for earlier, later in pairwise(days)]
    decayed = {
        f"decayed_orders_{life}": sum(0.5 ** ((now - day) / life) for day in days)
        for life in (7, 30, 90)
    }
    return features(
        orders=len(days),
        revenue=sum(customer.paid),
        recency_days=now - days[-1] if days else 365,
        tenure_days=now - days[0] if days else 0,
        last_gap_days=gaps[-1] if gaps else 365,
        mean_gap_days=sum(gaps) / len(gaps) if gaps else 0,
        mean_rating=3,
        **decayed,
        **known,
    )
