"""What customers did lately: lines make orders, orders answer, old ones go."""

import pytest

from profiles.learning.history import MOST_ORDERS, History
from profiles.learning.sample import Sample, customer_hash
from tests.learning.shop import outcome

A = customer_hash("a")


def history(*lines, bound=1_000):
    made = History(Sample(), bound)
    for line in lines:
        made.add(line)
    return made


def test_lines_of_an_order_are_one_answer_at_the_time_of_the_first():
    lines = [
        outcome(at=5, order=1, amount=20),
        outcome(at=9, order=1, amount=30, category="tea"),
        outcome(at=7, order=2, amount=1),
        outcome(at=4, order=1, amount=2, kind="return"),
    ]
    answers = history(*lines).answers(A, 0, 10)
    assert [(each.at, each.kind, each.amount, each.category) for each in answers] == [
        (4, "return", 2, None), (5, "purchase", 50, "tea"), (7, "purchase", 1, None),
    ]  # fmt: skip


@pytest.mark.parametrize(("after", "until", "answers"), [(4, 5, 1), (5, 9, 0), (0, 4, 0)])
def test_an_answer_comes_after_the_question_and_within_the_horizon(after, until, answers):
    assert len(history(outcome(at=5)).answers(A, after, until)) == answers


def test_nobody_elses_orders_answer():
    assert history(outcome("b", at=5)).answers(A, 0, 10) == []


def test_what_can_answer_nothing_more_is_forgotten():
    made = history(outcome(at=5, order=1), outcome(at=9, order=2))
    made.forget(0, before=6)
    assert [each.at for each in made.answers(A, 0, 10)] == [9]
    made.forget(1, before=100)  # another partition's time
    assert made.answers(A, 0, 10)


def test_one_wrong_late_time_does_not_keep_the_others_from_being_forgotten():
    kept = history(outcome("stray", at=10_000), *(outcome("a", at=at, order=at) for at in range(9)))
    kept.forget(partition=0, before=9)
    assert kept.answers(A, -1, 100) == []
    assert len(kept.answers(customer_hash("stray"), 0, 10_000)) == 1


def test_the_bound_holds_and_whole_customers_are_dropped():
    made = history(*(outcome(str(n % 100), n, n) for n in range(400)), bound=50)
    left = {n: len(made.answers(customer_hash(str(n)), -1, 500)) for n in range(100)}
    assert 0 < sum(left.values()) <= 50
    assert set(left.values()) == {0, 4}


def test_orders_of_one_customer_are_bounded_and_no_money_is_lost():
    answers = history(*(outcome(at=n, order=n, amount=1) for n in range(300))).answers(A, -1, 999)
    assert len(answers) == MOST_ORDERS
    assert sum(each.amount for each in answers) == 300


def test_of_a_customer_of_very_many_orders_late_questions_are_answered_too():
    """Else the busiest customers would be learnt as those who have left."""
    hours = history(*(outcome(at=n, order=n, amount=1) for n in range(1_000)))
    for asked in 200, 700, 990:
        found = hours.answers(A, asked, 999)
        assert found
        assert sum(each.amount for each in found) == pytest.approx(999 - asked, abs=16)
    hours.forget(0, before=500)
    assert min(each.at for each in hours.answers(A, -1, 999)) >= 500


def test_what_is_restored_is_what_was_stored():
    made, again = history(outcome(at=5), outcome("b", 6, 1)), history()
    again.restore(made.state())
    assert again.parameters() == made.parameters()
    again.forget(0, before=6)
    assert not again.answers(A, 0, 10)
