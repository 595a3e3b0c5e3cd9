import pytest

from profiles.learning.clock import DAY_MS
from profiles.learning.open_questions import Open, OpenQuestions, customer_hash

HORIZON = 30 * DAY_MS
HERE = ("purchase", 0)


def make(bound=100):
    waiting = OpenQuestions(width=2, bound=bound, horizon_ms=HORIZON)
    waiting.source_index(HERE)
    return waiting


def asked(customer, at):
    return Open(customer_hash(customer), at, 0, 5, False, 0.25, (1.0, -2.5))


@pytest.mark.parametrize(
    ("after", "answered"),
    [(-1, False), (0, False), (1, True), (HORIZON, True), (HORIZON + 1, False)],
)
def test_an_outcome_answers_what_was_asked_before_it_and_within_the_horizon(after, answered):
    waiting = make()
    waiting.add(asked("a", 1_000))
    waiting.answer(customer_hash("a"), 1_000 + after)
    (due,) = waiting.take_due(HERE, 1_001 + HORIZON)
    assert due == asked("a", 1_000)._replace(answered=answered)


def test_nobody_elses_outcome_answers():
    waiting = make()
    waiting.add(asked("a", 0))
    waiting.answer(customer_hash("b"), 10)
    assert not waiting.take_due(HERE, HORIZON + 1)[0].answered


def test_a_question_falls_due_once_when_its_horizon_has_passed_oldest_first():
    waiting = make()
    for at in (30, 10, 20):
        waiting.add(asked("a", at))
    assert waiting.take_due(HERE, HORIZON + 10) == []
    assert [each.asked_at for each in waiting.take_due(HERE, HORIZON + 25)] == [10, 20]
    assert [each.asked_at for each in waiting.take_due(HERE, HORIZON + 99)] == [30]
    assert waiting.take_due(HERE, HORIZON + 99) == []
    assert len(waiting) == 0


def test_the_time_of_one_source_leaves_the_questions_of_others():
    waiting = make()
    waiting.add(asked("a", 0))
    assert waiting.take_due(("purchase", 1), 10 * HORIZON) == []


def test_the_bound_holds_and_whole_customers_are_dropped():
    waiting = make(bound=50)
    for at in range(5):
        for customer in range(40):
            key = customer_hash(str(customer))
            if waiting.admits(key):
                waiting.add(asked(str(customer), at))
            assert len(waiting) <= 50
    due = waiting.take_due(HERE, 2 * HORIZON)
    per_customer = {
        key: sum(each.customer == key for each in due) for key in {q.customer for q in due}
    }
    assert waiting.halvings >= 2
    assert set(per_customer.values()) == {5}


def test_what_is_restored_is_what_was_stored():
    waiting, again = make(), make()
    for at in range(20):
        waiting.add(asked(str(at % 7), at))
    waiting.answer(customer_hash("3"), 15)
    again.restore(waiting.state())
    assert again.digest() == waiting.digest()
    assert again.take_due(HERE, 2 * HORIZON) == waiting.take_due(HERE, 2 * HORIZON)


def test_an_empty_one_is_stored_and_restored():
    again = make()
    again.restore(make().state())
    assert len(again) == 0
