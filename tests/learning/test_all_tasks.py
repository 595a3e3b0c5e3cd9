"""What every shipped task keeps: the same log, the same models, nothing known too early."""

import os
import subprocess
import sys

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.learning import snapshot
from profiles.learning.features import FEATURES
from profiles.learning.learner import Learner
from profiles.learning.scoring import Scorer
from profiles.learning.tasks import all_tasks
from tests.learning import bazaar
from tests.learning.shop import features

KEY = b"key of the tests"
STREAM = bazaar.examples(6_000)
OF_WORDS = {"sentiment", "topics"}  # the bazaar is silent: see test_text_tasks.py
SHOWN = {"churn", "segment", "propensity", "value", "next_category"}


def fresh():
    return Learner(all_tasks())


def learnt(stream):
    learner = fresh()
    learner.learn(stream)
    return learner


WHOLE = learnt(STREAM)


def test_every_task_has_answered_and_been_measured():
    assert WHOLE.tasks.keys() >= SHOWN | {"anomaly"}
    asked = [card for card in WHOLE.cards() if card["task"] not in OF_WORDS]
    assert all(card["n_examples"] > 100 for card in asked)
    labelled = [card for card in WHOLE.cards() if "rule" in card["contestants"]]
    assert len(labelled) == 4
    assert all(card["metrics"]["n"] > 500 for card in labelled)


def test_profiles_show_the_tasks_that_need_no_event():
    assert WHOLE.export()["tasks"].keys() == SHOWN


@settings(max_examples=5)
@given(st.integers(0, len(STREAM)))
def test_a_learner_killed_and_restored_anywhere_learns_the_same(end):
    record = snapshot.take(learnt(STREAM[:end]), end, KEY)
    learner, position, _ = snapshot.restore(record, KEY, fresh())
    learner.learn(STREAM[position:])
    assert learner.parameters() == WHOLE.parameters()
    assert learner.cards() == WHOLE.cards()


SCRIPT = """
import sys, orjson
from tests.learning.test_all_tasks import WHOLE
sys.stdout.buffer.write(orjson.dumps(WHOLE.parameters()))
"""


def test_the_hash_seed_of_the_process_does_not_matter():
    ran = subprocess.run(  # noqa: S603  (our own interpreter and script)
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONHASHSEED": "31337"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert orjson.loads(ran.stdout) == orjson.loads(orjson.dumps(WHOLE.parameters()))


def said(stream):
    """What every task makes of its questions and what it answers, in the order of asking."""
    learner, answers = fresh(), {}
    for name, task in learner.tasks.items():
        answers[name] = []
        task.contest.ask = noting(task.contest.ask, answers[name])
    learner.learn(stream)
    return answers


def noting(ask, answers):
    def noted(x):
        predictions = ask(x)
        answers.append((repr(x), repr(predictions)))
        return predictions

    return noted


def test_no_question_is_answered_by_what_came_after_it():
    """In one batch with its future, or without it: inputs and answers are the same."""
    before, whole = said(STREAM[: len(STREAM) // 2]), said(STREAM)
    assert all(len(before[name]) > 50 for name in before.keys() - OF_WORDS)
    for name, answers in before.items():
        assert whole[name][: len(answers)] == answers


@pytest.mark.parametrize("task", ["propensity", "value"])
def test_a_batch_is_scored_as_the_champion_would(task):
    learner = WHOLE.tasks[task]
    model = learner.contest.contestants[learner.contest.champion].model
    rng = np.random.default_rng(1)
    raw = [
        features(
            orders=n, revenue=spent, cart_adds_30=n % 3, decayed_orders_30=n / 2, mean_rating=3
        )
        for n, spent in zip(rng.integers(0, 40, 50), rng.lognormal(4, 2, 50), strict=True)
    ]
    scorer = Scorer.load(orjson.loads(orjson.dumps(WHOLE.export())))
    scored = scorer.score(np.array(raw), [{}] * len(raw))[task].values
    own = [model.predict(learner._selection.row(row)) for row in raw]
    np.testing.assert_allclose(scored, own, rtol=1e-9, atol=1e-9)


def test_all_scores_of_a_batch_are_of_one_version():
    scores = Scorer.load(WHOLE.export()).score(np.zeros((2, len(FEATURES))), [{}, {"tea": 1.0}])
    assert {each.version for each in scores.values()} == {WHOLE.version}
