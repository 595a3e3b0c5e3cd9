from profiles.learning.open_questions import Open, OpenQuestions
from profiles.learning.sample import Sample, customer_hash
from profiles.learning.task import DAY_MS

HORIZON = 30 * DAY_MS
HERE = ("purchase", 0)


def make(bound=100):
    waiting = OpenQuestions(2, bound, HORIZON, Sample())
    waiting.source_index(HERE)
    return waiting


def asked(customer, at):
    row, said, about = (1.0, -2.5), [0.25, None, {"tea": 0.5}], {"category": "tea"}
    return Open(customer_hash(customer), at, 0, True, row, said, about)


def test_what_waited_is_what_was_asked():
    waiting = make()
    waiting.add(asked("a", 1_000))
    assert waiting.take_due(HERE, 1_001 + HORIZON) == [asked("a", 1_000)]


def test_a_question_falls_due_once_when_its_horizon_has_passed_oldest_first():
    waiting = make()
    for at in (30, 10, 20):
        waiting.add(asked("a", at))
    assert waiting.take_due(HERE, HORIZON + 10) == []
    assert [each.at for each in waiting.take_due(HERE, HORIZON + 25)] == [10, 20]
    assert [each.at for each in waiting.take_due(HERE, HORIZON + 99)] == [30]
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
            if waiting._sample.admits(customer_hash(str(customer))):
                waiting.add(asked(str(customer), at))
            assert len(waiting) <= 50
    due = waiting.take_due(HERE, 2 * HORIZON)
    per_customer = {
        key: sum(each.customer == key for each in due) for key in {q.customer for q in due}
    }
    assert waiting._sample.halvings >= 2
    assert set(per_customer.values()) == {5}


def test_what_is_restored_is_what_was_stored():
    waiting, again = make(), make()
    for at in range(20):
        waiting.add(asked(str(at % 7), at))
    again.restore(waiting.state())
    assert again.digest() == waiting.digest()
    assert again.take_due(HERE, 2 * HORIZON) == waiting.take_due(HERE, 2 * HORIZON)


def test_an_empty_one_is_stored_and_restored():
    again = make()
    again.restore(make().state())
    assert len(again) == 0
