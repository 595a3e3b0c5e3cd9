"""Clusterings find what is there, go on after a restore, and can be put into a hierarchy."""

import pickle

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from profiles.learning.models.density import Dense, Micro
from profiles.learning.models.hierarchy import hierarchy
from tests.learning.test_families import only_named

CENTRES = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])


def rows(n, seed):
    rng = np.random.default_rng(seed)
    places = CENTRES[rng.integers(0, 3, n)] + rng.normal(0, 0.6, (n, 2))
    return [dict(enumerate(row)) for row in places.tolist()]


def teach(model, given):
    for row in given:
        model.observe(row)
        model.learn(row)
    return model


MADE = {"dense": lambda: Dense(2, radius=0.6), "micro": lambda: Micro(2, clusters=3, small=20)}


@pytest.mark.parametrize("name", MADE)
def test_customers_of_one_kind_fall_into_one_cluster(name):
    model = teach(MADE[name](), rows(1_600, seed=1))
    found = [model.predict(dict(enumerate(centre))).cluster for centre in CENTRES.tolist()]
    assert len(set(found)) == 3


@pytest.mark.parametrize("name", MADE)
def test_a_restored_clustering_goes_on_as_if_nothing_had_happened(name):
    first, second = teach(MADE[name](), rows(900, seed=1)), MADE[name]()
    second.restore(only_named(first.classes, pickle.dumps(first.state(), protocol=5)))
    more = rows(700, seed=2)
    assert teach(first, more).parameters() == teach(second, more).parameters()


def test_the_hierarchy_is_wards():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(8, 3))
    ours = hierarchy(points.tolist(), [1.0] * 8)
    np.testing.assert_allclose(
        [[m.left, m.right, m.height, m.size] for m in ours], linkage(points, "ward")
    )
