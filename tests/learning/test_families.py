"""Laws that every family of models keeps; each family goes through all of them."""

import io
import math
import os
import pickle
import random
import subprocess
import sys
from functools import partial

import numpy as np
import orjson
import pytest

from profiles.learning.features import FEATURES, NAMES, Selection
from profiles.learning.models import (
    factorization,
    forests,
    half_spaces,
    linear,
    naive_bayes,
    network,
    principal,
    recursive,
    regression,
    softmax,
    steady,
    trees,
)
from profiles.learning.scoring import model_of

CHOSEN = ("orders", "revenue", "last_gap_days", "recency_days", "mean_rating")
SELECTION = Selection(CHOSEN)
CONTAINERS = {"collections.Counter", "collections.defaultdict", "builtins.float"}

BINARY = {
    "logistic": linear.Logistic,
    "adagrad": linear.AdaptiveLogistic,
    "adam": linear.MomentLogistic,
    "ftrl": linear.Ftrl,
    "hinge": linear.Hinge,
    "passive_aggressive": linear.PassiveAggressive,
    "softmax_binary": partial(softmax.Softmax, binary=True),
    "naive_bayes": naive_bayes.NaiveBayes,
    "tree": partial(trees.Tree, grace=50),
    "adaptive_tree": partial(trees.AdaptiveTree, grace=50),
    "forest": partial(forests.AdaptiveForest, trees=3),
    "bagging": partial(forests.Bagging, models=3),
    "factorization": factorization.Factorization,
    "network": network.Network,
    "steady": steady.SteadyLogistic,
}
MULTICLASS = {
    "softmax": softmax.Softmax,
    "naive_bayes_many": partial(naive_bayes.NaiveBayes, binary=False),
    "tree_many": partial(trees.Tree, binary=False, grace=50),
    "forest_many": partial(forests.AdaptiveForest, binary=False, trees=3),
}
REGRESSION = {
    "least_squares": regression.LeastSquares,
    "least_squares_plain": partial(regression.LeastSquares, rate=0.001, log=False),
    "passive_aggressive_regression": regression.PassiveAggressiveRegression,
    "recursive": recursive.RecursiveLeastSquares,
    "deviations": recursive.RecursiveLeastDeviations,
    "regression_tree": partial(trees.RegressionTree, grace=50),
}
UNLABELLED = {
    "half_spaces": partial(half_spaces.HalfSpaces, window=100),
    "map": principal.PrincipalMap,
}
ALL = UNLABELLED | BINARY | MULTICLASS | REGRESSION


def raw_rows(n, seed):
    """Customers as the catalogue describes them, n rows of raw features."""
    rng = np.random.default_rng(seed)
    return rng.lognormal(1.0, 1.0, (n, len(FEATURES)))


def label_of(name, row, rng):
    orders, gap = row[NAMES.index("orders")], row[NAMES.index("last_gap_days")]
    if name in REGRESSION:
        return 10.0 * orders + rng.random()
    if name in MULTICLASS:
        return ("tea", "cups", "pots")[min(int(gap), 2)]
    return bool(gap + rng.gauss(0, 0.5) > orders)


def taught(name, n=0, seed=1):
    """A model that has seen n examples, in the order of the engine: observe, predict, learn."""
    n = n or (3_000 if "tree" in name else 600)  # a tree waits for evidence before it splits
    model, rng = ALL[name](len(CHOSEN)), random.Random(seed)
    for row in raw_rows(n, seed).tolist():
        teach(model, row, label_of(name, row, rng))
    return model


def teach(model, row, label):
    x = SELECTION.row(row)
    model.observe(x)
    model.predict(x)
    model.learn(x, label)


@pytest.fixture(scope="module")
def models():
    return {name: taught(name) for name in ALL}


def scored_as_exported(model, rows):
    exported = orjson.loads(orjson.dumps(model.export()))  # what really travels
    return model_of({**exported, "features": list(CHOSEN), "version": 1}).score(rows)


@pytest.mark.parametrize("label", [False, True])
@pytest.mark.parametrize("name", BINARY)
def test_batches_score_as_one_by_one_where_all_answers_so_far_were_the_same(name, label):
    """As of a shop where nothing has come back yet."""
    model, rows = ALL[name](len(CHOSEN)), raw_rows(50, seed=9)
    for row in raw_rows(200, seed=1).tolist():
        teach(model, row, label)
    own = [model.predict(SELECTION.row(row)) for row in rows.tolist()]
    np.testing.assert_allclose(scored_as_exported(model, rows).values, own, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_batches_score_as_one_by_one(models, name):
    model, rows = models[name], raw_rows(200, seed=9)
    scored = scored_as_exported(model, rows)
    own = [model.predict(SELECTION.row(row)) for row in rows.tolist()]
    if name in MULTICLASS:
        own = [[each.get(label, 0.0) for label in scored.names] for each in own]
    if name == "map":
        own = [[each.x, each.y] for each in own]
    np.testing.assert_allclose(scored.values, own, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_a_restored_model_goes_on_as_if_nothing_had_happened(models, name):
    first, second = taught(name, n=400), ALL[name](len(CHOSEN))
    second.restore(only_named(first.classes, pickle.dumps(first.state(), protocol=5)))
    rng, again = random.Random(5), random.Random(5)
    for row in raw_rows(300, seed=5).tolist():
        teach(first, row, label_of(name, row, rng))
        teach(second, row, label_of(name, row, again))
    assert first.parameters() == second.parameters()


def only_named(classes, pickled):
    class Strict(pickle.Unpickler):
        def find_class(self, module, name):
            assert f"{module}.{name}" in classes | CONTAINERS
            return super().find_class(module, name)

    return Strict(io.BytesIO(pickled)).load()


@pytest.mark.parametrize("name", BINARY | MULTICLASS | REGRESSION)
def test_models_learn_something(models, name):
    rng, rows = random.Random(7), raw_rows(500, seed=7).tolist()
    labels = [label_of(name, row, rng) for row in rows]
    said = [models[name].predict(SELECTION.row(row)) for row in rows]
    if name in REGRESSION:
        error = np.mean([abs(a - b) for a, b in zip(said, labels, strict=True)])
        assert error < np.mean(np.abs(np.array(labels) - np.median(labels)))
    elif name in MULTICLASS:
        right = [max(p, key=p.get) == y for p, y in zip(said, labels, strict=True)]
        assert np.mean(right) > 1.1 * max(labels.count(y) for y in set(labels)) / len(labels)
    else:
        yes = [p for p, y in zip(said, labels, strict=True) if y]
        no = [p for p, y in zip(said, labels, strict=True) if not y]
        assert np.mean([a > b for a in yes for b in no]) > 0.75


@pytest.mark.parametrize("name", ALL)
def test_an_untaught_model_answers_within_bounds(name):
    said = ALL[name](len(CHOSEN)).predict(SELECTION.row(raw_rows(1, seed=1).tolist()[0]))
    if name in BINARY:
        assert 0.0 <= said <= 1.0
    elif name in REGRESSION:
        assert math.isfinite(said)


def test_rows_far_from_all_others_are_strange(models):
    usual = [models["half_spaces"].predict(SELECTION.row(r)) for r in raw_rows(100, 3).tolist()]
    odd = models["half_spaces"].predict(dict(enumerate([0.0, 9.0, 0.0, 9.0, 60.0])))
    assert odd > np.quantile(usual, 0.95)


def test_the_map_shows_the_directions_of_a_batch_analysis():
    rng, model = np.random.default_rng(1), principal.PrincipalMap(5)
    rows = rng.normal(size=(6_000, 2)) @ rng.normal(size=(2, 5)) + rng.normal(0, 0.1, (6_000, 5))
    for row in rows.tolist():
        model.observe(dict(enumerate(row)))
        model.learn(dict(enumerate(row)))
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    exact = np.linalg.svd(scaled, full_matrices=False)[2][:2]
    overlaps = np.linalg.svd(exact @ np.array(model.export()["directions"]).T)[1]
    assert overlaps.min() > 0.99
    assert model.predict(dict(enumerate(rows[0].tolist()))).told > 0.9


def test_no_model_depends_on_the_hash_seed(models):
    script = (
        "import orjson; from tests.learning.test_families import ALL, taught;"
        "print(orjson.dumps({n: taught(n, 300).parameters() for n in ALL}).decode())"
    )
    told = [
        subprocess.run(  # noqa: S603 - our own code in a fresh interpreter
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
