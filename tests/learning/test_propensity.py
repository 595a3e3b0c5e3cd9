"""The propensity task: which orders a visit is said to have ended in."""

import pytest

from profiles.learning.learner import Learner
from profiles.learning.propensity import Propensity
from profiles.learning.segments import Segments
from profiles.learning.task import Answer, Asked
from schemas.examples import ExampleId
from tests.learning import bazaar
from tests.learning.shop import SOURCE, asked, outcome

HOUR = 3_600_000
NOBODY = Asked(0, {}, {})


@pytest.mark.parametrize(
    ("hours", "ends"), [(None, False), (0, False), (0.1, True), (4, True), (4.1, False)]
)
def test_a_visit_ends_in_an_order_that_is_later_and_within_four_hours(hours, ends):
    learner = Learner([Propensity()])
    task, labels = learner.tasks["propensity"], []
    task.contest.learn = lambda x, predictions, label: labels.append(label)
    task.ask(asked(moment="visit"))
    if hours is not None:
        learner.history.add(outcome(at=int(hours * HOUR)))
    task.advance((SOURCE, 0), 100 * HOUR)
    assert labels == [ends]


def test_a_return_is_no_purchase():
    assert Propensity().label(NOBODY, [Answer(1, "return", 10_000, None)]) is False


def test_it_tells_buyers_from_onlookers_better_than_their_last_purchases():
    learner = Learner([Propensity()])
    learner.learn(bazaar.examples(4_000))
    card = learner.cards()[0]
    assert card["metrics"]["n"] > 3_500
    assert card["metrics"]["auc"] > card["metrics"]["auc_rule"] + 0.02
    assert card["metrics"]["auc"] > 0.8


def test_visits_are_put_aside_while_the_orders_after_them_are_known_already():
    """Their features would hold the answer; whose visit it is makes no difference."""
    learner = Learner([Propensity()])
    orders = [outcome(at=day * 24 * HOUR, offset=day) for day in range(20)]
    learner.learn(orders)
    known_until = learner.clock.own((SOURCE, 0))
    visits = [
        asked(at=at, moment="visit", id=ExampleId("browse@1", 0, number, 0))
        for number, at in enumerate(
            [5 * 24 * HOUR, known_until - HOUR - 1, known_until - HOUR, known_until + HOUR]
        )
    ]
    learner.learn(visits)
    card = learner.cards()[0]
    assert (card["put_aside"], card["open_questions"]) == (2, 2)


def test_a_task_without_a_horizon_puts_nothing_aside():
    learner = Learner([Segments()])
    task = learner.tasks["segment"]
    task.ask(asked(), foresight=1_000 * HOUR)
    assert task.put_aside == 0
