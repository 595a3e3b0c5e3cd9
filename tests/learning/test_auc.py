from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.metrics.auc import BinnedAuc, WindowedAuc

scored = st.lists(st.tuples(st.integers(0, 999), st.booleans()), max_size=60)


def exact_auc(pairs):
    positives = [score for score, label in pairs if label]
    negatives = [score for score, label in pairs if not label]
    if not positives or not negatives:
        return None
    wins = sum((p > n) + (p == n) / 2 for p in positives for n in negatives)
    return wins / len(positives) / len(negatives)


def counted(pairs, bins):
    auc = BinnedAuc(bins)
    for score_bin, label in pairs:
        auc.add(score_bin, label)
    return auc


@given(scored)
def test_scores_that_are_whole_bins_are_measured_exactly(pairs):
    exact, auc = exact_auc(pairs), counted(pairs, 1_000)
    assert (auc.value() is None) == (exact is None)
    assert exact is None or abs(auc.value() - exact) < 1e-12


@given(scored)
def test_coarser_bins_err_by_no_more_than_they_say(pairs):
    exact, auc = exact_auc(pairs), counted([(score // 100, label) for score, label in pairs], 10)
    assert exact is None or abs(auc.value() - exact) <= auc.error() + 1e-12


@given(scored, st.integers(1, 20))
def test_the_windowed_auc_is_that_of_the_last_scores(pairs, window):
    windowed = WindowedAuc(1_000, window)
    for score_bin, label in pairs:
        windowed.add(score_bin, label)
    assert windowed.auc.value() == counted(pairs[-window:], 1_000).value()
