"""Reasons add up to the score, name the features that made it, and fit a public field."""

from itertools import combinations

import numpy as np
import pytest

from profiles.learning.features import KNOWN, Selection
from profiles.learning.models.blend import Blend
from profiles.learning.models.recursive import RecursiveLeastSquares
from profiles.learning.reasons import (
    MOST_BYTES,
    Contributions,
    UnknownReasonError,
    codes,
    typical,
    words,
)
from profiles.learning.scoring import model_of
from tests.learning.test_families import CHOSEN, raw_rows, taught

ROWS = raw_rows(50, seed=3)


def scorer(name):
    return model_of({**taught(name).export(), "features": list(CHOSEN), "version": 1})


@pytest.mark.parametrize("name", ["logistic", "hinge", "factorization"])
def test_contributions_of_linear_models_add_up_to_the_logit(name):
    model = scorer(name)
    effects = model.contributions(ROWS).effects
    np.testing.assert_allclose(effects.sum(axis=1) + model.intercept, model.logits(ROWS))


@pytest.mark.parametrize(("factory", "label"), [(Blend, bool), (RecursiveLeastSquares, float)])
def test_contributions_with_squares_and_products_add_up_to_what_is_squashed(factory, label):
    taught_by_row = factory(len(CHOSEN))
    for row in map(Selection(CHOSEN).row, raw_rows(300, seed=5)):
        taught_by_row.observe(row)
        taught_by_row.learn(row, label(row[0] > row[2]))
    numbers = taught_by_row.export()
    model = model_of({**numbers, "features": list(CHOSEN), "version": 1})
    z = np.column_stack((model.standardized(ROWS), np.ones(len(ROWS))))
    if factory is Blend:
        plain = z[:, [*range(len(CHOSEN)), -1]] @ model.plain
        whole, constant = (plain + z @ model.rich) / 2, (model.plain[-1] + model.rich[-1]) / 2
    else:
        whole, constant = z @ model.weights, model.weights[-1]
    effects = model.contributions(ROWS).effects
    np.testing.assert_allclose(effects.sum(axis=1) + constant, whole)


@pytest.mark.parametrize("name", ["tree", "adaptive_tree", "forest"])
def test_contributions_of_trees_add_up_to_the_way_from_root_to_leaf(name):
    model = scorer(name)
    effects = model.contributions(ROWS).effects
    roots = model.forest.values[model.forest.roots, -1] @ (model.votes / model.votes.sum())
    np.testing.assert_allclose(effects.sum(axis=1) + roots, model.score(ROWS).values, atol=1e-9)


def test_the_feature_that_decides_is_named_first_with_its_side():
    model = scorer("tree")  # says yes where the gap exceeds the orders
    rows = np.full((2, ROWS.shape[1]), 2.7)
    rows[0, KNOWN.index("last_gap_days")], rows[1, KNOWN.index("orders")] = 60.0, 60.0
    long_gap, many_orders = codes(model.contributions(rows))
    assert long_gap.startswith("+>last_gap_days") or "+>last_gap_days" in long_gap
    assert "->orders" in many_orders


def test_no_three_features_of_the_catalogue_are_too_long_for_a_field():
    longest = sorted(KNOWN, key=len)[-4:]
    for names in combinations(longest, 3):
        (code,) = codes(Contributions(names, np.array([[3.0, -2.0, 1.0]]), np.ones((1, 3))))
        assert code.count(",") == 2
        assert len(code.encode()) <= MOST_BYTES


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_feature_has_words_in_both_languages(language):
    sentences = words(",".join(f"+>{name}" for name in KNOWN), language)
    assert len(set(sentences)) == len(KNOWN)


def test_features_that_say_nothing_are_no_reasons():
    assert codes(Contributions(("orders",), np.zeros((2, 1)), np.ones((2, 1)))) == ["", ""]
    assert words("") == []


def test_a_foreign_code_is_refused():
    with pytest.raises(UnknownReasonError):
        words("+>shoe_size")


@pytest.mark.parametrize(("language", "said"), [("en", "high: orders so far"), ("zh", "偏高")])
def test_what_is_typical_is_said_in_both_languages_the_farthest_first(language, said):
    told = typical({"orders": 0.7, "revenue": 0.4, "views_30": -1.5}, language)
    assert len(told) == 2
    assert said in told[1]
