import os
import random
import subprocess
import sys
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.learning import snapshot
from profiles.learning.churn import Churn
from profiles.learning.clock import Clock
from profiles.learning.features import FEATURE_VERSION
from profiles.learning.learner import Learner
from profiles.learning.segments import Segments
from profiles.learning.tasks import all_tasks
from schemas.examples import Command
from tests.learning.shop import asked, examples

KEY = b"key of the tests"
STREAM = examples(2_100)  # beyond both warm-ups, and more than a year


def fresh():
    return Learner([Churn(), Segments()], open_bound=256)


def learnt_at_once():
    learner = fresh()
    learner.learn(STREAM)
    return learner


WHOLE = learnt_at_once()

cuts = st.lists(st.integers(0, len(STREAM)), max_size=6).map(
    lambda inner: [0, *sorted(inner), len(STREAM)]
)


def test_the_stream_of_these_tests_reaches_both_models():
    assert set(WHOLE.export()["tasks"]) == {"churn", "segment"}
    assert WHOLE.tasks["churn"].card()["metrics"]["n"] > 400
    assert WHOLE.tasks["churn"].card()["sampling_rate"] < 1


@settings(max_examples=5)
@given(cuts)
def test_batches_do_not_matter(cuts):
    learner = fresh()
    for start, end in pairwise(cuts):
        learner.learn(STREAM[start:end])
    assert learner.parameters() == WHOLE.parameters()


@settings(max_examples=10)
@given(cuts)
def test_a_learner_killed_and_restored_anywhere_learns_the_same(cuts):
    learner = fresh()
    for start, end in pairwise(cuts):
        learner.learn(STREAM[start:end])
        record = snapshot.take(learner, next_position=end, key=KEY)
        learner.learn(STREAM[end : end + 40])  # lost with the crash
        learner, position, _ = snapshot.restore(record, KEY, fresh())
        assert position == end
    assert learner.parameters() == WHOLE.parameters()
    assert learner.cards() == WHOLE.cards()


def test_a_learner_of_all_tasks_killed_at_50_points_learns_the_same():
    """After each crash the newest snapshot is read back, and the log again from before it."""
    undisturbed, learner, rng = Learner(all_tasks()), Learner(all_tasks()), random.Random(50)
    undisturbed.learn(STREAM)
    start = 0
    for end in [*sorted(rng.sample(range(len(STREAM)), 50)), len(STREAM)]:
        learner.learn(STREAM[max(0, start - rng.randrange(30)) : end])  # some of it once more
        record = snapshot.take(learner, next_position=end, key=KEY)
        learner.learn(STREAM[end : end + rng.randrange(80)])  # lost with the crash
        learner, start, _ = snapshot.restore(record, KEY, Learner(all_tasks()))
    assert learner.parameters() == undisturbed.parameters()
    assert learner.repeated > 0


@settings(max_examples=5)
@given(st.integers(0, len(STREAM)), st.integers(0, 500))
def test_examples_that_come_again_are_not_learnt_again(end, again):
    learner = fresh()
    assert learner.learn(STREAM[:end]) == end
    assert learner.learn(STREAM[max(0, end - again) : end]) == 0
    assert learner.learn(STREAM[max(0, end - again) :]) == len(STREAM) - end
    assert learner.parameters() == WHOLE.parameters()


SCRIPT = """
import sys, orjson
from profiles.learning.churn import Churn
from profiles.learning.learner import Learner
from profiles.learning.segments import Segments
from tests.learning.shop import examples
learner = Learner([Churn(), Segments()], open_bound=256)
learner.learn(examples(2_100))
sys.stdout.buffer.write(orjson.dumps(learner.parameters()))
"""


@pytest.mark.parametrize("hash_seed", ["1", "31337"])
def test_the_hash_seed_of_the_process_does_not_matter(hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    ran = subprocess.run(  # noqa: S603  (our own interpreter and script)
        [sys.executable, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert orjson.loads(ran.stdout) == WHOLE.parameters()


def test_a_topic_that_was_recreated_does_not_keep_histories_from_forgetting():
    """Its partitions are half of all; were they waited for, the sample would halve for good."""
    learner = Learner([Churn()], clock=Clock(silence=300))
    learner.history.bound = 1_500
    for example in examples(4_000):  # in 1,053 days
        recreated = example.id.offset >= 700
        topic = "purchase@2" if recreated else "purchase@1"
        learner.learn([example._replace(id=example.id._replace(topic=topic))])
    (card,) = learner.cards()
    assert card["sampling_rate"] == 1
    assert sum(map(len, learner.history.parameters().values())) < 300


@pytest.mark.parametrize(
    "entry",
    [
        asked(feature_version=FEATURE_VERSION + 1),
        asked(features=[1.0]),
        Command("promote", "horoscope", "steady", 1),
        Command("promote", "churn", "oracle", 1),
    ],
    ids=["another catalogue", "too short", "another task", "another model"],
)
def test_what_is_not_ours_is_counted_and_left_alone(entry):
    learner = fresh()
    learner.learn([entry])
    assert learner.foreign == 1
    assert learner.parameters() == fresh().parameters()


def test_the_version_is_the_number_of_examples_taken():
    assert WHOLE.version == len(STREAM)
    assert {card["version"] for card in WHOLE.cards()} == {len(STREAM)}


def test_cards_and_exports_are_plain_json():
    assert orjson.loads(orjson.dumps(WHOLE.cards())) == WHOLE.cards()
    assert orjson.loads(orjson.dumps(WHOLE.export())) == WHOLE.export()
