"""The blend of two logistic regressions: it learns curves, stays finite, and is scored exactly."""

import math
import random

import numpy as np
import pytest

from profiles.learning.features import FEATURE_VERSION, NAMES, Selection
from profiles.learning.models.blend import PRIOR, Blend
from profiles.learning.scoring import Scorer
from tests.learning.shop import features

CHOSEN = ("orders", "tenure_days", "mean_rating")


def rows(count, seed=1):
    rng = random.Random(seed)
    return [
        features(
            orders=rng.randrange(1, 50), tenure_days=rng.uniform(0, 400), mean_rating=rng.gauss(3)
        )
        for _ in range(count)
    ]


def taught(count=600):
    rng, selection, blend = random.Random(2), Selection(CHOSEN), Blend(len(CHOSEN))
    for row in rows(count):
        x = selection.row(row)
        blend.observe(x)
        blend.learn(x, rng.random() < x[0] / 4)
    return blend, selection


def test_it_learns_what_no_straight_line_divides():
    """Who is far from the middle, on either side, is the positive class."""
    rng, blend, right = random.Random(3), Blend(1), 0
    for number in range(1_500):
        x = {0: rng.uniform(-1, 1)}
        blend.observe(x)
        right += number >= 1_000 and (blend.predict(x) > 0.5) == (abs(x[0]) > 0.5)
        blend.learn(x, abs(x[0]) > 0.5)
    assert right > 450


def test_before_anything_is_learnt_it_does_not_know():
    assert Blend(2).predict({0: 1.0, 1: -3.0}) == 0.5


def test_a_feature_that_never_varies_and_absurd_values_do_no_harm():
    blend = Blend(2)
    for number in range(3_000):
        x = {0: 0.0, 1: 1e6 if number % 100 == 0 else float(number % 7)}
        blend.observe(x)
        blend.learn(x, number % 2 == 0)
    variances = (blend.root**2).sum(axis=1)
    assert 0 < variances.min() <= variances.max() <= PRIOR * 1.001
    assert 0 <= blend.predict({0: 5.0, 1: -1e6}) <= 1


def test_a_batch_is_scored_as_the_model_itself_scores():
    blend, selection = taught()
    exported = {
        "feature_version": FEATURE_VERSION,
        "tasks": {"churn": {**blend.export(), "features": list(CHOSEN), "version": 1}},
    }
    some = rows(50, seed=9)
    scored = Scorer.load(exported).score(np.array(some), [])["churn"].values
    expected = [blend.predict(selection.row(row)) for row in some]
    np.testing.assert_allclose(scored, expected, rtol=0, atol=1e-9)
    assert len(NAMES) == len(some[0])


def test_going_on_from_a_state_is_going_on():
    blend, selection = taught()
    other = Blend(len(CHOSEN))
    other.restore(blend.state())
    for each in (blend, other):
        each.learn(selection.row(rows(1, seed=4)[0]), True)
    assert other.parameters() == blend.parameters()


def test_probabilities_are_of_both_kinds_of_label():
    """Exchanging the answers exchanges the probabilities."""
    one, other = Blend(1), Blend(1)
    for number in range(300):
        x = {0: math.sin(number)}
        for each, label in ((one, x[0] > 0.2), (other, x[0] <= 0.2)):
            each.observe(x)
            each.learn(x, label)
    assert one.predict({0: 0.7}) == pytest.approx(1 - other.predict({0: 0.7}), abs=1e-9)
