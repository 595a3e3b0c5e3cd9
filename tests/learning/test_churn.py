import math

import pytest

from profiles.learning.churn import RULE, WARM_UP, Churn
from profiles.learning.clock import DAY_MS
from profiles.learning.features import FEATURE_VERSION
from schemas.examples import Outcome, Question
from tests.learning.shop import SOURCE, example_id, features

HERE = (SOURCE, 0)
LATER = 1_000 * DAY_MS


def question(customer="a", at=0, **known):
    return Question("churn", customer, at, features(**known), FEATURE_VERSION, example_id(0))


def outcome(customer="a", at=0):
    return Outcome("purchase", customer, at, None, example_id(0))


class Watched(Churn):
    """Notes what is learnt, in order."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.lessons = []

    def _learn(self, question, left):
        self.lessons.append((question, left))
        super()._learn(question, left)


@pytest.mark.parametrize(
    ("days", "left"), [(None, True), (0, True), (1, False), (14, False), (15, True)]
)
def test_staying_is_another_order_strictly_later_and_within_the_horizon(days, left):
    churn = Watched(horizon_days=14)
    churn.on_question(question())
    if days is not None:
        churn.on_outcome(outcome(at=days * DAY_MS))
    churn.advance(HERE, LATER)
    assert [label for _, label in churn.lessons] == [left]


def test_nothing_is_learnt_before_the_horizon_has_passed():
    churn = Watched(horizon_days=14)
    churn.on_question(question())
    churn.on_outcome(outcome(at=DAY_MS))
    churn.advance(HERE, 14 * DAY_MS)
    assert churn.lessons == []


def test_a_question_that_comes_after_its_answer_is_answered():
    churn = Watched()
    churn.on_outcome(outcome(at=DAY_MS))
    churn.on_question(question(at=DAY_MS))
    churn.on_outcome(outcome(at=0))
    churn.on_question(question(at=0))
    churn.advance(HERE, LATER)
    assert [(each.asked_at, left) for each, left in churn.lessons] == [(0, False), (DAY_MS, True)]


def trained(weeks=60):
    """Customers with a high decayed count come back, the others never do."""
    churn = Watched()
    for week in range(weeks):
        at = week * 7 * DAY_MS
        churn.advance(HERE, at)
        for number in range(10):
            churn.on_question(question(f"keen{number}", at, decayed_orders_90=5, last_gap_days=7))
            churn.on_outcome(outcome(f"keen{number}", at))
            churn.on_question(question(f"{week}-{number}", at, last_gap_days=365))
    return churn


def test_the_score_that_counts_was_made_when_the_question_was_asked():
    churn = trained()
    asked = question("new", 10 * LATER, decayed_orders_90=5, last_gap_days=7)
    row = churn._selection.row(asked.features)
    churn.scaler.learn_one(row)
    expected = churn.model.predict_proba_one(churn.scaler.transform_one(row))[True]
    churn.scaler = trained().scaler  # as before the line above
    churn.on_question(asked)
    churn.advance(HERE, 11 * LATER)
    *others, (due, _) = churn.lessons
    assert due.score == pytest.approx(expected, abs=1e-7)
    assert any(each.score != due.score for each, _ in others)


def test_before_the_warm_up_is_over_there_is_no_score_and_no_measure():
    churn = Watched()
    churn.on_question(question())
    churn.advance(HERE, LATER)
    assert math.isnan(churn.lessons[0][0].score)
    assert churn.metrics.values()["n"] == 0
    assert churn.export() is None
    assert churn.learnt < WARM_UP


def test_it_learns_who_leaves():
    card = trained().card()
    assert card["metrics"]["auc"] > 0.99
    assert card["features"]["decayed_orders_90"] < 0 < card["features"]["last_gap_days"]


def test_the_rule_beside_the_model_is_the_last_gap_on_the_same_examples():
    churn = trained()
    assert all(each.rule == (7 if keen(each) else 365) for each, _ in churn.lessons)
    assert churn.metrics.values()["auc_rule"] > 0.99
    assert features(last_gap_days=9)[RULE] == 9


def keen(waiting):
    return waiting.row[Churn.features.index("decayed_orders_90")] > 0


def test_open_questions_are_bounded_and_the_sampling_rate_is_told():
    churn = Churn(open_bound=64)
    for number in range(1_000):
        churn.on_question(question(str(number), number))
    card = churn.card()
    assert 0 < card["open_questions"] <= 64
    assert card["sampling_rate"] <= 64 / 1_000 * 4


def test_absurd_features_overflow_nothing():
    churn = Watched()
    for value in (-1e300, 1e300):
        row = [value] * len(features())
        churn.on_question(question(at=0)._replace(features=row))
    churn.advance(HERE, LATER)
    assert len(churn.lessons) == 2
    assert all(math.isfinite(weight) for weight in churn.card()["features"].values())
