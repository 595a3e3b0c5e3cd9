"""The task of the next category: what answers it, what is learnt, and how batches are scored."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.learner import Learner
from profiles.learning.models.tastes import MOST, SAID, TasteSoftmax, Transitions
from profiles.learning.next_category import NextCategory
from profiles.learning.scoring import model_of
from profiles.learning.task import DAY_MS, Answer, Asked
from tests.learning import bazaar
from tests.learning.shop import SOURCE, asked, outcome

ASKED = Asked(0, {}, {})
FAMILIES = (TasteSoftmax, Transitions)


def test_the_answer_is_the_category_of_the_next_order_that_has_one():
    answers = [
        Answer(1, "return", 0, "pots"),
        Answer(2, "purchase", 0, None),
        Answer(3, "purchase", 0, "tea"),
        Answer(4, "purchase", 0, "cups"),
    ]
    assert NextCategory().label(ASKED, answers) == "tea"


def test_who_does_not_come_back_teaches_nothing():
    assert NextCategory().label(ASKED, []) is None
    learner = Learner([NextCategory()])
    task = learner.tasks["next_category"]
    task.ask(asked(about={"tastes": {"tea": 1.0}}))
    learner.history.add(outcome(at=31 * DAY_MS, category="tea"))
    task.advance((SOURCE, 0), 100 * DAY_MS)
    assert task.card()["n_examples"] == 0


def test_a_shop_without_categories_is_not_asked():
    learner = Learner([NextCategory()])
    learner.tasks["next_category"].ask(asked())
    assert learner.cards()[0]["open_questions"] == 0


def test_it_learns_what_follows_what_and_not_only_what_is_liked():
    learner = Learner([NextCategory()])
    learner.learn(bazaar.examples(9_000))
    contestants = learner.cards()[0]["contestants"]
    assert contestants["softmax"]["n"] > 2_000
    assert contestants["softmax"]["accuracy"] > contestants["rule"]["accuracy"] + 0.3
    assert contestants["transitions"]["accuracy"] > contestants["rule"]["accuracy"] + 0.3


names = st.sampled_from([f"category {number}" for number in range(MOST + 5)])
liked = st.dictionaries(names, st.floats(0, 1), max_size=5)
lessons = st.lists(st.tuples(liked, names), min_size=1, max_size=80)


@pytest.mark.parametrize("family", FAMILIES)
@given(lessons, st.lists(liked, min_size=1, max_size=5))
def test_batches_score_as_one_by_one(family, taught, asked_about):
    """Also where there are more categories than the model tells apart."""
    model = family(0)
    for tastes, label in taught:
        model.learn(tastes, label)
    exported = orjson.loads(orjson.dumps(model.export()))
    scored = model_of({**exported, "features": [], "version": 1}).score(asked_about)
    for values, tastes in zip(scored.values, asked_about, strict=True):
        said = model.predict(tastes)
        assert len(said) == min(SAID, len(scored.names))
        own = dict(zip(scored.names, values.tolist(), strict=True))
        assert {name: own[name] for name in said} == pytest.approx(said, rel=0, abs=1e-9)
        assert max(own.values()) == pytest.approx(max(said.values()), rel=0, abs=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
@given(lessons, liked)
def test_answers_are_probabilities(family, taught, tastes):
    """Shares of one customer add up to 1 at most."""
    model = family(0)
    for each, label in taught:
        model.learn(shared(each), label)
    probabilities = model.probabilities(shared(tastes))
    assert probabilities.sum() == pytest.approx(1.0)
    assert np.all(probabilities >= -1e-12)


def shared(tastes):
    total = max(1.0, sum(tastes.values()))
    return {name: share / total for name, share in tastes.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_restored_model_goes_on_as_if_nothing_had_happened(family):
    model, twin = family(0), family(0)
    for tastes, label in (({"tea": 1.0}, "cups"), ({}, "tea"), ({"cups": 0.5}, "pots")):
        model.learn(tastes, label)
    twin.restore(model.state())
    for each in (model, twin):
        each.learn({"pots": 1.0}, "cans")
    assert twin.parameters() == model.parameters()
