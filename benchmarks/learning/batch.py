"""The batch pipeline to compare with: models trained anew every week on everything answered."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.learning.events import DAY_MS
from benchmarks.learning.examples import Column, Examples
from profiles.learning.features import KNOWN, Selection

WEEK_MS = 7 * DAY_MS
SVM_MOST = 2_000  # its time grows with the square: the newest so many
SEED = 1

Places = npt.NDArray[np.intp]

MODELS: dict[str, Callable[[], Any]] = {
    "batch logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "batch random forest": lambda: RandomForestClassifier(
        100, min_samples_leaf=10, max_samples=0.5, n_jobs=1, random_state=SEED
    ),
    "batch SVM": lambda: make_pipeline(StandardScaler(), SVC(kernel="rbf", random_state=SEED)),
}


def weekly(name: str, examples: Examples) -> Column:
    """Scores of all examples that are `scored` (NaN for the others), each by that week's model.

    A week's model has learnt every example whose answer was known when the week began. It sees
    all features of the catalogue.
    """
    x = Selection(KNOWN).matrix(examples.features)
    scores = np.full(len(examples), np.nan)
    for known, asked in folds(examples):
        scores[asked] = _fitted(name, x[known], examples.labels[known], x[asked])
    return scores


def folds(examples: Examples, weeks: int = 1) -> Iterator[tuple[Places, Places]]:
    """Yield what was answered when so many weeks began, and what was asked and is scored in them.

    Answered ones are in the order of asking; weeks without a question are left out.
    """
    first, length = int(examples.asked_at[examples.scored].min()), weeks * WEEK_MS
    for begin in range(first, int(examples.asked_at.max()) + 1, length):
        within = (examples.asked_at >= begin) & (examples.asked_at < begin + length)
        asked = np.flatnonzero(examples.scored & within)
        if len(asked):
            yield np.flatnonzero(examples.due_at <= begin), asked


def _fitted(name: str, x: Column, labels: Any, asked: Column) -> Column:
    if labels.min() == labels.max():
        return np.full(len(asked), 0.5)
    if "SVM" in name:
        x, labels = x[-SVM_MOST:], labels[-SVM_MOST:]
    model = MODELS[name]().fit(x, labels)
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(asked)[:, 1])
    return np.asarray(model.decision_function(asked))
