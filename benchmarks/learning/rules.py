"""What one number alone says: the rules that a model has to beat."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from benchmarks.learning.events import DAY_MS, Event
from benchmarks.learning.examples import Column, Examples
from profiles.learning.features import NAMES


def feature(examples: Examples, name: str) -> Column:
    """A feature of the catalogue, as it is."""
    return examples.features[:, NAMES.index(name)]


def of_features(examples: Examples) -> dict[str, Column]:
    """Recency, frequency and money; higher means likelier to buy."""
    return {
        "recency": -feature(examples, "recency_days"),
        "last gap": -feature(examples, "last_gap_days"),
        "orders": feature(examples, "orders"),
        "lines or items": feature(examples, "orders") * feature(examples, "items_per_order"),
        "revenue": feature(examples, "revenue"),
    }


def orders_within(examples: Examples, times: dict[str, list[int]], days: int) -> Column:
    """How many orders began in the last `days`."""
    return np.array(
        [
            sum(asked - days * DAY_MS <= at <= asked for at in times[customer])
            for customer, asked in zip(
                examples.customers.tolist(), examples.asked_at.tolist(), strict=True
            )
        ],
        dtype=float,
    )


def clicks_within(events: Iterable[Event], examples: Examples, days: int) -> Column:
    """How many clicks in the `days` before the one moment that all examples were asked at."""
    asked_at = int(examples.asked_at[0])
    clicks = Counter(
        event["customer_id"]
        for kind, event in events
        if kind == "browse" and event["action"] == "view"
        and asked_at - days * DAY_MS < event["ts"] <= asked_at
    )  # fmt: skip
    return np.array([clicks[customer] for customer in examples.customers.tolist()], dtype=float)
