"""How fast models learn and score on one core.

    python benchmarks/learning_speed.py

Learning is what the engine does with one example: the scaler sees it, it is scored, measured and
learnt. Scoring is a batch of 1,000 profiles with what the model exports. CPU time, synthetic
customers of 9 features whose answers follow from them with noise; for texts, Chinese ones of as
many characters as shop reviews have in the middle, whose n-grams are made anew each time.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import orjson

from profiles.learning.features import FEATURES, Selection
from profiles.learning.metrics import FAMILIES
from profiles.learning.model import Model
from profiles.learning.models import (
    factorization,
    forests,
    half_spaces,
    linear,
    naive_bayes,
    network,
    principal,
    regression,
    steady,
    trees,
)
from profiles.learning.models.named_k_means import NamedKMeans
from profiles.learning.scoring import model_of
from profiles.learning.segments import LADDER
from profiles.learning.sentiment import Sentiment
from profiles.learning.task import Kind

NAMES = (
    "orders",
    "revenue",
    "last_gap_days",
    "recency_days",
    "decayed_orders_7",
    "decayed_orders_30",
    "decayed_orders_90",
    "views_30",
    "mean_rating",
)
BATCH, ROUNDS = 1_000, 20
TEXT_LENGTH = 40


def segments(width: int) -> NamedKMeans:
    return NamedKMeans(width, LADDER, engagement=(0, 1), pace=6)


MADE: dict[str, tuple[Callable[..., Model], Kind | None, int]] = {
    "logistic": (linear.Logistic, Kind.BINARY, 20_000),
    "steady": (steady.SteadyLogistic, Kind.BINARY, 20_000),
    "adagrad": (linear.AdaptiveLogistic, Kind.BINARY, 20_000),
    "ftrl": (linear.Ftrl, Kind.BINARY, 20_000),
    "hinge": (linear.Hinge, Kind.BINARY, 20_000),
    "passive_aggressive": (linear.PassiveAggressive, Kind.BINARY, 20_000),
    "naive_bayes": (naive_bayes.NaiveBayes, Kind.BINARY, 10_000),
    "tree": (trees.Tree, Kind.BINARY, 20_000),
    "adaptive_tree": (trees.AdaptiveTree, Kind.BINARY, 10_000),
    "forest": (forests.AdaptiveForest, Kind.BINARY, 20_000),
    "bagging": (forests.Bagging, Kind.BINARY, 5_000),
    "factorization": (factorization.Factorization, Kind.BINARY, 3_000),
    "network": (network.Network, Kind.BINARY, 5_000),
    "least_squares": (regression.LeastSquares, Kind.REGRESSION, 20_000),
    "regression_tree": (trees.RegressionTree, Kind.REGRESSION, 5_000),
    "half_spaces": (half_spaces.HalfSpaces, Kind.ANOMALY, 5_000),
    "map": (principal.PrincipalMap, None, 5_000),
    "k_means": (segments, Kind.CLUSTERS, 10_000),
}


def main() -> None:
    print(f"{'model':20} {'examples/s':>10} {'us/example':>10} {'ms/1,000 scored':>16} {'KB':>6}")
    for name, (made, kind, n) in MADE.items():
        raw = customers(n)
        model = made(len(NAMES))
        seconds = learnt(model, kind, raw.tolist(), labels_of(kind, raw))
        scored, size = scoring(model, customers(BATCH, seed=2))
        rate, each = n / seconds, 1e6 * seconds / n
        print(f"{name:20} {rate:10,.0f} {each:10.1f} {scored:16.2f} {size / 1024:6.0f}")
    seconds = texts_learnt(5_000)
    print(f"{'texts':20} {5_000 / seconds:10,.0f} {1e6 * seconds / 5_000:10.1f}")


def customers(n: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).lognormal(1.0, 1.0, (n, len(FEATURES)))


def labels_of(kind: Kind | None, raw: Any) -> list[Any]:
    noise = np.random.default_rng(3).normal(0, 0.5, len(raw))
    signal = np.log(raw[:, 0]) - np.log(raw[:, 4]) * np.log(raw[:, 8]) + noise
    if kind is Kind.REGRESSION:
        return [float(value) for value in 10 * np.exp(signal / 2)]
    return [bool(value > 0) for value in signal]


def learnt(model: Model, kind: Kind | None, raw: Iterable[list[float]], labels: list[Any]) -> float:
    """CPU seconds."""
    selection, metrics = Selection(NAMES), FAMILIES[kind]() if kind else None
    begun = time.process_time()
    for row, label in zip(raw, labels, strict=True):
        x = selection.row(row)
        model.observe(x)
        prediction = model.predict(x)
        if metrics and prediction is not None:
            metrics.update(prediction, label)
        model.learn(x, label)
    return time.process_time() - begun


def texts_learnt(n: int) -> float:
    """CPU seconds of the sentiment task's first champion."""
    rng, task = np.random.default_rng(1), Sentiment()
    characters = rng.integers(0x4E00, 0x4E00 + 2_000, (n, TEXT_LENGTH))
    texts = ["".join(map(chr, row)) for row in characters.tolist()]
    model, metrics = task.models[next(iter(task.models))](0), FAMILIES[task.kind]()
    begun = time.process_time()
    for place, text in enumerate(texts):
        x = task.inputs({}, {"text": text})
        metrics.update(model.predict(x), bool(place % 2))
        model.learn(x, bool(place % 2))
    return time.process_time() - begun


def scoring(model: Model, rows: Any) -> tuple[float, int]:
    """CPU milliseconds for the rows, the median of some rounds; bytes of the export."""
    exported = orjson.dumps(model.export())
    scorer = model_of({**orjson.loads(exported), "features": list(NAMES), "version": 1})
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        scorer.score(rows)
        spent.append(time.process_time() - begun)
    return 1e3 * sorted(spent)[ROUNDS // 2], len(exported)


if __name__ == "__main__":
    main()
