"""The value task: what counts as spent, and how well it is foretold."""

from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.learner import Learner
from profiles.learning.models.recursive import RecursiveLeastSquares
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
    assert model["r2"] > rule["r2"] > 0.2


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e9)), max_size=40))
def test_no_amount_and_no_feature_breaks_the_model(examples):
    """Absurd orders, a feature that never varies: predictions stay numbers of 0 or more."""
    model = RecursiveLeastSquares(2)
    for value, label in examples:
        model.observe({0: value, 1: 1.0})
        assert 0 <= model.predict({0: value, 1: 1.0}) < 1e15
        model.learn({0: value, 1: 1.0}, label)
