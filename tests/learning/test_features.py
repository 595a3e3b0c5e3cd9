import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.features import FEATURES, KNOWN, NAMES, Selection, UnknownFeatureError

values = st.floats(-1e6, 1e6)
rows = st.lists(values, min_size=len(FEATURES), max_size=len(FEATURES))


@given(st.lists(rows, min_size=1, max_size=5), st.permutations(KNOWN))
def test_one_row_and_many_rows_are_prepared_alike(given_rows, names):
    selection = Selection(names[:7])
    one_by_one = [list(selection.row(row).values()) for row in given_rows]
    np.testing.assert_allclose(selection.matrix(np.array(given_rows)), one_by_one, rtol=1e-12)


def test_preparing_leaves_the_callers_rows_alone():
    rows = np.full((3, len(FEATURES)), 7.0)
    Selection(NAMES).matrix(rows)
    assert (rows == 7.0).all()


def test_an_unknown_feature_is_named():
    with pytest.raises(UnknownFeatureError) as refused:
        Selection(["orders", "shoe_size"])
    assert refused.value.evidence["value"] == ["shoe_size"]


def test_the_catalogue_is_small_and_speaks_both_languages():
    assert len(set(NAMES)) == len(FEATURES) <= 20
    assert all(feature.unit and feature.en and feature.zh for feature in FEATURES)
