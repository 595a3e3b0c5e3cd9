"""The anomaly task: what is compared, of whom, and what stands out."""

import math
from statistics import median, quantiles

import pytest

from profiles.changes import Moment
from profiles.examples import examples_of
from profiles.keyspace import Partition
from profiles.learning.anomaly import Anomaly
from profiles.learning.features import Selection
from profiles.learning.learner import Learner
from profiles.learning.task import DAY_MS
from tests.learning import bazaar
from tests.learning.shop import asked, features

USUAL = {"orders": 4, "revenue": 80.0, "recency_days": 9, "mean_gap_days": 9}


def compared(about, **known):
    row = Selection(Anomaly.features).row(features(**(USUAL | known)))
    return Anomaly().inputs(row, about)


def test_a_line_as_ever_is_0_in_every_way():
    values = compared({"amount": 20.0, "category": "tea", "tastes": {"tea": 1.0}})
    assert list(values.values()) == pytest.approx([0.0] * 3, abs=1e-12)


def test_compared_are_amount_pause_and_category():
    values = compared(
        {"amount": 2_099.0, "category": "guns", "tastes": {"tea": 1.0}}, recency_days=99
    )
    assert list(values.values()) == pytest.approx([math.log(100), math.log(10), 1.0])


@pytest.mark.parametrize(
    ("about", "known"), [({"action": "view"}, {}), ({"amount": 9.0}, {"orders": 0, "revenue": 0})]
)
def test_without_an_amount_or_a_past_nothing_is_asked(about, known):
    assert compared(about, **known) is None


@pytest.mark.parametrize(("kind", "asks"), [("purchase", True), ("return", False)])
def test_what_comes_back_is_no_purchase_to_be_unlike_the_others(kind, asks):
    event = {"type": kind, "event_id": "1", "ts": 0, "quantity": 1, "price": 900.0}
    moment = Moment(7, "a", "event", event, features(**USUAL), {})
    (question,) = examples_of(moment, Partition("purchase", 0), epoch=1)
    assert (compared(question.about) is not None) is asks


def test_lines_unlike_their_customers_stand_out():
    """The same lines with fifty times the amount are stranger than nearly all as they were."""
    learner = Learner([Anomaly()])
    sampled = [e for e in bazaar.examples(20_000) if getattr(e, "moment", "") == "event"]
    learner.learn(sampled)
    task, select = Anomaly(), Selection(Anomaly.features).row
    model = learner.tasks["anomaly"].contest.contestants["half_spaces"].model
    lines = [task.inputs(select(each.features), each.about) for each in sampled[-300:]]
    usual = [model.predict(x) for x in lines if x]
    odd = [model.predict({**x, 0: x[0] + math.log(50)}) for x in lines if x]
    assert median(odd) > quantiles(usual, n=20)[-2]


def test_no_profile_shows_it():
    """It is about an event, and a profile is about a customer."""
    learner = Learner([Anomaly()])
    for number in range(600):
        learner.learn(
            [asked(str(number), DAY_MS, features(**USUAL), number, moment="event",
                   about={"amount": 20.0 + number % 7})]
        )  # fmt: skip
    assert learner.cards()[0]["metrics"]["n"] > 0
    assert learner.export()["tasks"] == {}
