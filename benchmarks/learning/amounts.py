"""Value: what will be spent on later orders within 30 days, asked at every order."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVR

from benchmarks.learning import champion
from benchmarks.learning.batch import SEED, folds
from benchmarks.learning.events import SOURCES, Event, real, sample
from benchmarks.learning.examples import Column, Examples, answered, due
from benchmarks.learning.fold import Fold
from benchmarks.learning.row import Row, row
from benchmarks.learning.scenario import EIGHT_WEEKS_MS
from profiles.learning.features import KNOWN, Selection
from profiles.learning.spending import AMOUNT_SCALE, Value
from profiles.sections.purchase import amount_of

# all of roots of amounts, as the champion: of amounts themselves they are worse by this figure
BATCH: dict[str, Callable[[], Any]] = {
    "batch ridge regression": lambda: make_pipeline(StandardScaler(), Ridge()),
    "batch random forest": lambda: RandomForestRegressor(
        100, min_samples_leaf=10, max_samples=0.5, n_jobs=1, random_state=SEED
    ),
    "batch linear SVM": lambda: make_pipeline(
        StandardScaler(), LinearSVR(random_state=SEED, max_iter=5_000)
    ),
}
RULES = ("spent_per_month", "revenue")

Payments = dict[str, list[tuple[int, float]]]
"""By customer: when each order began (ms), and what it came to; ascending."""


def spending(name: str, share: int = 1) -> Row:
    """The skill of amounts: 1 - sum |error| / sum |amount - median|, from the ninth week on.

    `share` n keeps every n-th customer.
    """
    events = sample(real(SOURCES[name]), share)
    examples = questions(events, SOURCES[name].currency)
    x = Selection(KNOWN).matrix(examples.features)
    online = champion.scores(Value, examples)
    scores = {
        "online": online,
        "batch": {model: weekly(model, examples, x) for model in BATCH},
        "rules": {rule: np.expm1(x[:, KNOWN.index(rule)]) for rule in RULES},
    }
    skills = {
        kind: {model: skill(examples, each) for model, each in found.items()}
        for kind, found in scores.items()
    }
    scored = examples.labels[examples.scored]
    return row(
        "spent within 30 days",
        name,
        "skill",
        skills["online"][champion.SERVED],
        skills["batch"],
        skills["rules"],
        len(scored),
        None,
        {
            "online": skills["online"],
            "median": float(np.median(scored)),
            "mean": float(scored.mean()),
            "mean of the champion": float(online[champion.SERVED][examples.scored].mean()),
        },
    )


def questions(events: list[Event], currency: str) -> Examples:
    """Ask at every order what is spent on later ones within the horizon."""
    vectors, _ = asyncio.run(Fold(currency).run(events))
    paid, horizon = payments(events), Value.horizon
    orders = due((v for v in vectors if v.kind == "order"), horizon, events[-1][1]["ts"])
    return answered(
        orders,
        horizon,
        events[0][1]["ts"] + EIGHT_WEEKS_MS,
        lambda v: sum(spent for at, spent in paid[v.customer] if v.at < at <= v.at + horizon),
    )


def payments(events: Iterable[Event]) -> Payments:
    """Return what every order came to."""
    orders: dict[tuple[str, str], tuple[int, float]] = {}
    for kind, event in events:
        if kind == "purchase" and event["type"] == "purchase":
            key = event["customer_id"], event.get("order_id") or event["event_id"]
            at, spent = orders.get(key, (event["ts"], 0.0))
            orders[key] = at, spent + (amount_of(event) or 0) / AMOUNT_SCALE
    paid: Payments = defaultdict(list)
    for (customer, _), order in sorted(orders.items(), key=lambda each: each[1]):
        paid[customer].append(order)
    return paid


def weekly(name: str, examples: Examples, x: Column) -> Column:
    """Amounts of all that are scored (NaN for the others), each by that week's model."""
    said, roots = np.full(len(examples), np.nan), np.sqrt(examples.labels)
    for known, asked in folds(examples):
        model = BATCH[name]().fit(x[known], roots[known])
        said[asked] = np.maximum(model.predict(x[asked]), 0.0) ** 2
    return said


def skill(examples: Examples, said: Column) -> float:
    """How much nearer than always saying the median, which nobody knows before: 1 is perfect."""
    labels, said = examples.labels[examples.scored], said[examples.scored]
    worst = np.abs(labels - np.median(labels)).sum()
    return float(1 - np.abs(said - labels).sum() / worst)
