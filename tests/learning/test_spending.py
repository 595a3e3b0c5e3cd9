"""The value task: what counts as spent, and how well it is foretold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.learner import Learner
from profiles.learning.models.recursive import RecursiveLeastDeviations, RecursiveLeastSquares
from profiles.learning.spending import Value
from profiles.learning.task import DAY_MS, Answer, Asked
from tests.learning import bazaar
from tests.learning.shop import SOURCE, asked, outcome

ASKED = Asked(0, {}, {})


def test_spent_is_the_sum_of_the_purchases_in_base_currency():
    answers = [Answer(1, "purchase", 152_900, "tea"), Answer(2, "purchase", 47_100, None)]
    assert Value().label(ASKED, answers) == 20.0


def test_what_comes_back_is_not_subtracted():
    answers = [Answer(1, "return", 90_000, None), Answer(2, "purchase", 50_000, None)]
    assert Value().label(ASKED, answers) == 5.0


def test_nothing_is_spent_by_those_who_stay_away():
    assert Value().label(ASKED, []) == 0.0


def test_the_order_itself_and_what_follows_after_30_days_do_not_count():
    learner = Learner([Value()])
    task, labels = learner.tasks["value"], []
    task.contest.learn = lambda x, predictions, label: labels.append(label)
    for day, amount in ((0, 1), (30, 20), (30.1, 300)):
        learner.history.add(outcome(at=int(day * DAY_MS), amount=amount * 10_000, order=amount))
    task.ask(asked())
    task.advance((SOURCE, 0), 100 * DAY_MS)
    assert labels == [20.0]


def test_it_foretells_what_is_spent_better_than_the_pace_so_far():
    learner = Learner([Value()])
    learner.learn(bazaar.examples(9_000))
    contestants = learner.cards()[0]["contestants"]
    model, rule = contestants["recursive"], contestants["rule"]
    assert model["n"] > 2_000
    assert model["mae"] < 0.97 * rule["mae"]
    assert contestants["deviations"]["mae"] < 0.97 * rule["mae"]
    assert model["r2"] > rule["r2"] > 0.2


def test_one_wholesaler_does_not_move_what_is_expected_of_all_by_deviations():
    """Everybody spends 25; then one order of a million."""
    expected = {}
    for model in (RecursiveLeastSquares(1), RecursiveLeastDeviations(1)):
        for label in [25.0] * 200 + [1e6]:
            model.observe({0: 1.0})
            model.learn({0: 1.0}, label)
        expected[type(model)] = model.predict({0: 1.0})
    assert expected[RecursiveLeastDeviations] < 26 < 50 < expected[RecursiveLeastSquares]


@pytest.mark.parametrize("model_type", [RecursiveLeastSquares, RecursiveLeastDeviations])
@given(examples=st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e9)), max_size=40))
def test_no_amount_and_no_feature_breaks_the_model(model_type, examples):
    """Absurd orders, a feature that never varies: predictions stay numbers of 0 or more."""
    model = model_type(2)
    for value, label in examples:
        model.observe({0: value, 1: 1.0})
        assert 0 <= model.predict({0: value, 1: 1.0}) < 1e15
        model.learn({0: value, 1: 1.0}, label)
