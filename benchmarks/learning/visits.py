"""Propensity: asked when a visit begins, answered by an order within four hours."""

import asyncio

from benchmarks.learning import rules
from benchmarks.learning.events import DAY_MS, SOURCES, Event, real
from benchmarks.learning.examples import asked, purchases
from benchmarks.learning.fold import Fold
from benchmarks.learning.scenario import EIGHT_WEEKS_MS, Scenario
from benchmarks.learning.shops import SEED, run
from profiles.learning.propensity import VISIT_DAYS, Propensity

AFTER_LOOKING_MS = 1
"""Tmall tells days only: orders are taken to follow the looks of their day."""


def of_shop() -> Scenario:
    """The synthetic shop's visits."""
    return _scenario("shop", run(SEED).events, "GBP")


def of_tmall() -> Scenario:
    """Tmall's days of looking; an order of the same day answers."""
    events = [
        (kind, {**event, "ts": event["ts"] + AFTER_LOOKING_MS * (kind == "purchase")})
        for kind, event in real(SOURCES["tmall"])
    ]
    events.sort(key=lambda event: event[1]["ts"])
    return _scenario("tmall", events, SOURCES["tmall"].currency)


def _scenario(data: str, events: list[Event], currency: str) -> Scenario:
    vectors, _ = asyncio.run(Fold(currency, in_order=True).run(events))
    visits = [vector for vector in vectors if vector.kind == "visit"]
    starts_at, ends_at = events[0][1]["ts"], events[-1][1]["ts"]
    scored_from = starts_at + EIGHT_WEEKS_MS
    examples = asked(visits, purchases(events), VISIT_DAYS, ends_at, scored_from)
    known = rules.of_features(examples)
    known["orders of late"] = rules.feature(examples, "decayed_orders_30")
    notes = {"visits a day": len(examples) / ((ends_at - starts_at) / DAY_MS)}
    return Scenario("visit ends in an order", data, examples, known, notes=notes, asks=Propensity)
