"""Champion and challengers: promotion by rule and by hand, recorded and reversible."""

import pytest

from profiles.learning.contest import Contest, UnknownModelError
from profiles.learning.model import Model
from profiles.learning.task import Kind, Promotion, Task, Text
from schemas.examples import Command


class Guess(Model):
    """Says the input, or how far it is from one."""

    def __init__(self, inverse):
        self.inverse, self.lessons = inverse, 0

    def predict(self, x):
        return 1 - x if self.inverse else x

    def learn(self, x, label):
        self.lessons += 1

    def parameters(self):
        return {"lessons": self.lessons}

    def export(self):
        return {"kind": "guess"}


class Guessing(Task):
    name = "guessing"
    question = Text("Which?", "哪个？")
    kind = Kind.BINARY
    asked_at = "order"
    warm_up = 0
    promotion = Promotion(margin=0.01, minimum=300)
    models = {"wrong": lambda _: Guess(True), "right": lambda _: Guess(False)}  # noqa: RUF012 - as a user writes it

    @staticmethod
    def rule(width):
        return Guess(False)


def taught(examples, contest=None):
    contest = contest or Contest(Guessing())
    for number in range(examples):
        x = number % 10 / 10
        contest.learn(x, contest.ask(x), x >= 0.5)
    return contest


def command(action, model=""):
    return Command(action, "guessing", model, 0)


def test_all_are_measured_on_every_example_and_learn_it():
    figures = taught(50).card()["contestants"]
    assert {name: each["n"] for name, each in figures.items()} == {
        "wrong": 50, "right": 50, "rule": 50,
    }  # fmt: skip
    assert taught(50).parameters()["contestants"]["right"]["lessons"] == 50


def test_a_challenger_takes_over_when_it_has_led_for_enough_examples():
    """It is seen to lead at the first look, after 100."""
    assert taught(399).champion == "wrong"
    contest = taught(400)
    assert contest.champion == "right"
    (change,) = contest.card()["changes"]
    assert (change["before"], change["after"], change["by"]) == ("wrong", "right", "rule")
    assert change["learnt"] == 400
    assert change["qualities"]["right"] > change["qualities"]["wrong"] + 0.01
    assert contest.export()["model"] == "right"


class Moody(Guess):
    """Right and wrong in turns of 3,000 lessons, longer than the window of the metrics."""

    def predict(self, x):
        return x if self.lessons // 3_000 % 2 else 1 - x


def test_two_that_take_turns_in_being_better_do_not_change_places():
    class Patient(Guessing):
        promotion = Promotion(margin=0.01, minimum=6_000)
        models = {"steady": lambda _: Middling(), "moody": lambda _: Moody(inverse=False)}  # noqa: RUF012 - as a user writes it

    assert taught(20_000, Contest(Patient())).changes == []


class Middling(Guess):
    """Knows nothing."""

    def __init__(self):
        super().__init__(inverse=False)

    def predict(self, x):
        return 0.5


def test_the_rule_is_never_champion():
    contest = Contest(Guessing())
    with pytest.raises(UnknownModelError):
        contest.obey(command("promote", "rule"))
    assert contest.champion == "wrong"


def test_a_promotion_is_taken_back_and_stays_so_until_it_is_released():
    contest = taught(400)
    contest.obey(command("rollback"))
    assert (contest.champion, contest.pinned) == ("wrong", True)
    assert taught(1_000, contest).champion == "wrong"
    contest.obey(command("release"))
    assert taught(300, contest).champion == "right"
    assert [change["by"] for change in contest.card()["changes"]] == ["rule", "rollback", "rule"]


def test_a_champion_chosen_by_hand_stays():
    contest = taught(100)
    contest.obey(command("promote", "right"))
    contest.obey(command("promote", "right"))
    assert contest.champion == "right"
    assert len(contest.changes) == 1


def test_what_is_restored_goes_on_the_same():
    whole, first, again = taught(700), taught(350), Contest(Guessing())
    again.restore(first.state())
    assert again.parameters() == first.parameters()
    assert taught(350, again).parameters() == whole.parameters()
