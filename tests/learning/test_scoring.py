import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.churn import Churn
from profiles.learning.features import FEATURE_VERSION, FEATURES
from profiles.learning.learner import Learner
from profiles.learning.scoring import IncompatibleExportError, Scorer
from profiles.learning.segments import Segments
from tests.learning.shop import examples

LEARNER = Learner([Churn(), Segments()])
LEARNER.learn(examples(2_100))
SCORER = Scorer.load(LEARNER.export())

values = st.floats(0, 1e6) | st.floats(-10, 400)
rows = st.lists(
    st.lists(values, min_size=len(FEATURES), max_size=len(FEATURES)), min_size=1, max_size=20
)


@given(rows)
@pytest.mark.parametrize("name", Churn.models)
def test_churn_scores_equal_the_models_own(name, given_rows):
    churn = LEARNER.tasks["churn"]
    model = churn.contest.contestants[name].model
    numbers = {**model.export(), "features": list(Churn.features), "version": 1}
    exported = {"feature_version": FEATURE_VERSION, "tasks": {"churn": numbers}}
    scores = Scorer.load(exported).score(np.array(given_rows), [])["churn"].values
    prepared = [churn._selection.row(row) for row in given_rows]
    own = [model.predict(row) for row in prepared]
    np.testing.assert_allclose(scores, own, rtol=0, atol=1e-9)


@given(rows)
def test_segments_equal_rivers_own(given_rows):
    segments = LEARNER.tasks["segment"]
    scores = SCORER.score(np.array(given_rows), [])["segment"]
    prepared = [segments._selection.row(row) for row in given_rows]
    model = segments.contest.contestants["k_means"].model
    own = [model.model.predict_one(model.scaler.transform_one(row)) for row in prepared]
    assert own == [model.predict(row).cluster for row in prepared]
    assert scores.indices.tolist() == own
    assert scores.names == model.names


def test_scores_carry_the_version_of_their_model():
    scores = SCORER.score(np.zeros((1, len(FEATURES))), [])
    assert {score.version for score in scores.values()} == {LEARNER.version}


def test_no_rows_give_no_scores():
    scores = SCORER.score(np.zeros((0, len(FEATURES))), [])
    assert len(scores["churn"].values) == len(scores["segment"].indices) == 0


def test_a_model_that_is_warming_up_gives_no_score():
    young = Learner([Churn(), Segments()])
    young.learn(examples(100))
    assert Scorer.load(young.export()).score(np.zeros((3, len(FEATURES))), []) == {}


def test_another_catalogue_or_kind_of_model_is_refused():
    export = LEARNER.export()
    with pytest.raises(IncompatibleExportError):
        Scorer.load(export | {"feature_version": 0})
    with pytest.raises(IncompatibleExportError):
        Scorer.load(export | {"tasks": {"churn": {"kind": "oracle"}}})
