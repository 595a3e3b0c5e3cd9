"""What is asked of which data: examples, the rules to beat, and what is known of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.learning import rules
from benchmarks.learning.events import DAY_MS, SOURCES, Event, real, sample
from benchmarks.learning.examples import Column, Examples, asked, order_times, purchases
from benchmarks.learning.fold import Fold, Vector
from profiles.learning.churn import Churn
from profiles.learning.task import Task

HORIZON_DAYS = 30  # of the churn task
WEEK_MS = 7 * DAY_MS
EIGHT_WEEKS_MS = 8 * WEEK_MS


@dataclass(frozen=True)
class Scenario:
    """One row of the comparison; the label is "buys (again)", so churn is what remains."""

    task: str
    data: str
    examples: Examples
    rules: dict[str, Column]
    target: float | None = None
    drift_at: int | None = None  # epoch ms
    notes: dict[str, object] = field(default_factory=dict)
    asks: type[Task] = Churn


def folded(
    events: list[Event], currency: str, moments: Sequence[int] = ()
) -> tuple[list[Vector], list[Vector]]:
    """Vectors at orders, and of everybody just before moments."""
    asked, everybody = asyncio.run(Fold(currency).run(events, moments))
    return [vector for vector in asked if vector.kind == "order"], everybody


def at_orders(name: str, target: float | None = None, share: int = 1) -> Scenario:
    """Asked at each order: another one within 30 days? Scored from the ninth week on.

    `share` n keeps every n-th customer.
    """
    events = sample(real(SOURCES[name]), share)
    vectors, _ = folded(events, SOURCES[name].currency)
    times = order_times(vectors)
    starts_at, ends_at = events[0][1]["ts"], events[-1][1]["ts"]
    examples = asked(vectors, times, HORIZON_DAYS, ends_at, starts_at + EIGHT_WEEKS_MS)
    known = rules.of_features(examples)
    known["orders of 90 days"] = rules.orders_within(examples, times, 90)
    notes = {"answered": len(examples), "of which order again": float(examples.labels.mean())}
    return Scenario("orders again within 30 days", name, examples, known, target, notes=notes)


def at_a_cut(
    name: str, cut: int, horizon_days: int, learnt_days: int, target: float | None = None
) -> Scenario:
    """Asked of everybody at one moment, by models that were asked the same every week before.

    They learn with a horizon of `learnt_days`, the task's own where the question's horizon is so
    long that nobody could have learnt it by then.
    """
    events = real(SOURCES[name])
    first = events[0][1]["ts"]
    moments = range(cut - (cut - first) // WEEK_MS * WEEK_MS, cut + 1, WEEK_MS)
    _, vectors = folded(events, SOURCES[name].currency, moments)
    times = purchases(events)
    before = asked(vectors, times, learnt_days, cut, cut)
    last = [vector for vector in vectors if vector.at == cut - 1]
    then = asked(last, times, horizon_days, cut + horizon_days * DAY_MS, 0)
    known = rules.of_features(then)
    if name == "tmall":
        known["clicks of 14 days"] = rules.clicks_within(events, then, 14)
    padding = np.full(len(before), np.nan)
    return Scenario(
        f"buys within {horizon_days} days, asked once",
        name,
        joined(before, then),
        {rule: np.concatenate((padding, scores)) for rule, scores in known.items()},
        target,
        notes={"learnt horizon, days": learnt_days, "buyers": float(then.labels.mean())},
    )


def joined(before: Examples, then: Examples) -> Examples:
    """One after the other."""
    columns = {
        name: np.concatenate((getattr(before, name), getattr(then, name)))
        for name in before.__dataclass_fields__
    }
    return replace(before, **columns)
