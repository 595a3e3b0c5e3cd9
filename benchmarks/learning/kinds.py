"""Segments beside the kinds of customers that the synthetic shop knows its customers by."""

from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from benchmarks.learning.events import DAY_MS
from benchmarks.learning.examples import Column
from benchmarks.learning.fold import Vector
from benchmarks.learning.measure import DRAWS
from benchmarks.learning.row import Row, row
from benchmarks.learning.shops import SEED, Run, run
from profiles.learning.features import FEATURE_VERSION, NAMES, Selection
from profiles.learning.learner import Learner
from profiles.learning.scoring import Scorer
from profiles.learning.segments import FEATURES, KNOWN_FOR_DAYS, LADDER, Segments
from schemas.examples import ExampleId, Question

OTHER_SEEDS = (3, 5, 7, 23)
ACTIVE_DAYS = 30
TARGET = 0.8
FIFTHS = (0.2, 0.4, 0.6, 0.8)
ONE_BY_ONE = ("orders", "revenue", "recency_days", *FEATURES)


def segments() -> Row:
    """Adjusted Rand index (Hubert and Arabie, 1985) of segments and true kinds, at the end.

    Of customers that have been there for KNOWN_FOR_DAYS and did something in the last ACTIVE_DAYS.
    """
    shop = run(SEED)
    asked = settled(shop)
    truth = kinds(shop, asked)
    found = assigned(shop, asked)
    others = {seed: of_shop(run(seed)) for seed in OTHER_SEEDS}
    return row(
        "kinds of customers (the shop's truth)",
        "shop",
        "ARI",
        float(adjusted_rand_score(truth, found)),
        {name: float(adjusted_rand_score(truth, each)) for name, each in batch(shop, asked)},
        {name: float(adjusted_rand_score(truth, each)) for name, each in fifths(asked)},
        len(asked),
        TARGET,
        {"champion, 95 %": interval(truth, found), "other shops, by seed": others},
    )


def of_shop(shop: Run) -> float:
    """The champion's figure on one shop."""
    asked = settled(shop)
    return float(adjusted_rand_score(kinds(shop, asked), assigned(shop, asked)))


def settled(shop: Run) -> list[Vector]:
    """Who is asked about, as they are at the end."""
    seen = {event["customer_id"]: event["ts"] for _, event in shop.events}
    return [
        each
        for each in shop.weekly
        if each.at == shop.ends_at - 1
        and shop.truths[each.customer].joined_ms < shop.ends_at - KNOWN_FOR_DAYS * DAY_MS
        and seen[each.customer] >= shop.ends_at - ACTIVE_DAYS * DAY_MS
    ]


def kinds(shop: Run, asked: list[Vector]) -> list[str]:
    """What the shop knows."""
    return [shop.truths[each.customer].kind for each in asked]


def assigned(shop: Run, asked: list[Vector]) -> Any:
    """The segments by the product's own learner, which read the shop's orders once."""
    learner = Learner([Segments()])
    learner.learn(
        Question("order", each.customer, each.at, each.features, FEATURE_VERSION, {},
                 ExampleId("purchase@1", 0, number, 2))
        for number, each in enumerate(sorted(shop.orders, key=lambda each: each.at))
    )  # fmt: skip
    scores = Scorer.load(learner.export()).score(matrix(asked), [{}] * len(asked))
    return scores["segment"].indices


def batch(shop: Run, asked: list[Vector]) -> list[tuple[str, Any]]:
    """Batch k-means on the same features: of the same orders, and of the customers themselves."""
    tenure = NAMES.index("tenure_days")
    orders = [each for each in shop.orders if each.features[tenure] >= KNOWN_FOR_DAYS]
    x, selection = matrix(asked), Selection(FEATURES)
    found = []
    for name, learnt in (("batch k-means, orders", orders), ("batch k-means, customers", asked)):
        scaler = StandardScaler().fit(selection.matrix(matrix(learnt)))
        model = KMeans(len(LADDER), n_init=10, random_state=1)
        model.fit(scaler.transform(selection.matrix(matrix(learnt))))
        found.append((name, model.predict(scaler.transform(selection.matrix(x)))))
    return found


def fifths(asked: list[Vector]) -> list[tuple[str, Any]]:
    """Customers in five groups as large, by one feature alone."""
    x = matrix(asked)
    found = []
    for name in ONE_BY_ONE:
        values = x[:, NAMES.index(name)]
        found.append((f"fifths of {name}", np.searchsorted(np.quantile(values, FIFTHS), values)))
    return found


def matrix(vectors: list[Vector]) -> Column:
    """Rows of raw features."""
    return np.array([each.features for each in vectors])


def interval(truth: list[str], found: Any) -> tuple[float, float]:
    """95 % of the index, by a bootstrap over customers (Efron, 1979)."""
    rng, known = np.random.default_rng(SEED), np.array(truth)
    drawn = [rng.integers(0, len(known), len(known)) for _ in range(DRAWS)]
    low, high = np.percentile([adjusted_rand_score(known[i], found[i]) for i in drawn], (2.5, 97.5))
    return float(low), float(high)
