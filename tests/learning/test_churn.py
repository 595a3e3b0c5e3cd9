"""The churn task in its engine: what is asked, when it is answered, what the score is."""

import math

import pytest

from profiles.learning.churn import Churn
from profiles.learning.learner import Learner
from profiles.learning.task import DAY_MS, Answer, Asked
from tests.learning.shop import SOURCE, asked, features, order, outcome

HERE = (SOURCE, 0)
LATER = 1_000 * DAY_MS


class Course:
    """A churn task that is told what happens, and notes what it learns, in order."""

    def __init__(self, **settings):
        bound = settings.pop("open_bound", 20_000)
        self.learner = Learner([Churn(**settings)], open_bound=bound)
        self.churn = self.learner.tasks["churn"]
        self.contest = self.churn.contest
        self.lessons, learn = [], self.contest.learn

        def noted(x, predictions, label):
            self.lessons.append((x, predictions, label))
            learn(x, predictions, label)

        self.contest.learn = noted

    def ask(self, customer="a", at=0, **known):
        self.churn.ask(asked(customer, at, features(**known)))

    def order(self, customer="a", at=0):
        self.learner.history.add(outcome(customer, at, at))

    def advance(self, now):
        self.churn.advance(HERE, now)


@pytest.mark.parametrize(
    ("days", "left"), [(None, True), (0, True), (1, False), (14, False), (15, True)]
)
def test_staying_is_another_order_strictly_later_and_within_the_horizon(days, left):
    course = Course(horizon_days=14)
    course.ask()
    if days is not None:
        course.order(at=days * DAY_MS)
    course.advance(LATER)
    assert [label for *_, label in course.lessons] == [left]


def test_a_return_is_no_order():
    answers = [Answer(1, "return", 0, None)]
    assert Churn().label(Asked(0, {}, {}), answers) is True


def test_nothing_is_learnt_before_the_horizon_has_passed():
    course = Course(horizon_days=14)
    course.ask()
    course.order(at=DAY_MS)
    course.advance(14 * DAY_MS)
    assert course.lessons == []


def test_a_question_that_comes_after_its_answer_is_answered():
    course = Course()
    course.order(at=DAY_MS)
    course.ask(at=DAY_MS)
    course.order(at=0)
    course.ask(at=0)
    course.advance(LATER)
    assert [label for *_, label in course.lessons] == [False, True]


@pytest.mark.parametrize(("behind", "asks"), [(0, True), (37, True), (39, False), (99, False)])
def test_a_partition_too_far_behind_the_others_teaches_nothing(behind, asks):
    """Its clock follows theirs, a grace of 30 days behind: it would answer before it is read."""
    learner = Learner([Churn()])
    for day in range(200):
        for partition in range(4):
            learner.learn(order(f"c{partition}", day * DAY_MS, features(), day, partition))
    aside = learner.cards()[0]["put_aside"]
    now = learner.clock.common
    learner.learn(order("c4", now - behind * DAY_MS, features(), 0, 4))
    assert (learner.cards()[0]["put_aside"] == aside) is asks


def test_a_file_that_is_sorted_by_customer_is_learnt_from():
    """Nothing is known there of what the same customer does later, however late the orders come."""
    learner, labels = Learner([Churn()]), []
    learner.tasks["churn"].contest.learn = lambda x, predictions, label: labels.append(label)
    for who in range(100):
        for week in range(30):
            offset = 30 * who + week
            at = (7 * week + who) * DAY_MS  # the clock goes on a little with each of them
            learner.learn(order(f"c{who}", at, features(), offset, 0))
    assert learner.cards()[0]["put_aside"] == 0
    assert len(labels) > 2_000
    assert sum(labels) < 0.02 * len(labels)  # of the customer that is just being read


def trained(weeks=60):
    """Customers with a high decayed count come back, the others never do."""
    course = Course()
    for week in range(weeks):
        at = week * 7 * DAY_MS
        course.advance(at)
        for number in range(10):
            course.ask(f"keen{number}", at, decayed_orders_90=5, last_gap_days=7)
            course.order(f"keen{number}", at)
            course.ask(f"{week}-{number}", at, last_gap_days=365)
    return course


def test_the_score_that_counts_was_made_when_the_question_was_asked():
    course = trained()
    known = {"decayed_orders_90": 5, "last_gap_days": 7}
    row = course.churn._selection.row(features(**known))
    twin = trained().contest.contestants["blend"].model
    twin.observe(row)
    course.ask("new", 10 * LATER, **known)
    course.advance(11 * LATER)
    *others, (_, (score, *_), _) = course.lessons
    assert score == pytest.approx(twin.predict(row), abs=1e-7)
    assert any(predictions[0] != score for _, predictions, _ in others)


def test_before_the_warm_up_is_over_there_is_no_score_and_no_measure():
    course = Course()
    course.ask()
    course.advance(LATER)
    assert course.lessons[0][1] == [None] * 3
    assert course.churn.card()["metrics"]["n"] == 0
    assert course.churn.export() is None


def test_it_learns_who_leaves():
    card = trained().churn.card()
    assert card["metrics"]["auc"] > 0.99
    assert card["features"]["decayed_orders_90"] < 0 < card["features"]["last_gap_days"]


def test_the_rule_beside_the_model_is_the_last_gap_on_the_same_examples():
    course = trained()
    place = Churn.features.index("last_gap_days")
    scored = [(x, said) for x, said, _ in course.lessons if said[-1] is not None]
    assert all(math.expm1(x[place]) / 366 == pytest.approx(said[-1], 1e-3) for x, said in scored)
    figures = course.churn.card()["contestants"]
    assert figures["rule"]["n"] == figures["blend"]["n"] == len(scored)
    assert figures["rule"]["auc"] > 0.99


def test_open_questions_are_bounded_and_the_sampling_rate_is_told():
    course = Course(open_bound=64)
    for number in range(1_000):
        course.ask(str(number), number)
    card = course.churn.card()
    assert 0 < card["open_questions"] <= 64
    assert card["sampling_rate"] <= 64 / 1_000 * 4


def test_absurd_features_overflow_nothing():
    course = Course()
    for value in (-1e300, 1e300):
        course.churn.ask(asked(row=[value] * len(features())))
    course.advance(LATER)
    assert len(course.lessons) == 2
    assert all(math.isfinite(weight) for weight in course.churn.card()["features"].values())
