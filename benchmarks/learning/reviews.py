"""Chinese shop reviews: the sentiment task's models read on, batch models are trained anew."""

import csv
import gzip
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.learning.events import SHARED
from benchmarks.learning.examples import Column, Flags
from benchmarks.learning.measure import auc, paired
from benchmarks.learning.row import Row, row
from profiles.learning.sentiment import NGRAMS, Sentiment

FILE = SHARED / "cn_online_shopping_10_cats.csv.gz"
FOLDS = 10
TARGET = 0.93
SEED = 1

BATCH: dict[str, Callable[[], Any]] = {
    "batch logistic regression": lambda: LogisticRegression(C=10),
    "batch linear SVM": lambda: LinearSVC(random_state=SEED),
}


def sentiment() -> Row:
    """Accuracy on the texts of the second fold and later, which batch models can score too.

    The texts have no time: they are shuffled once. Batch models learn all folds before the one that
    they score, from the same characters, 1- to 3-grams, as presence times idf.
    """
    texts, labels = reviews()
    later = np.arange(len(texts)) >= len(texts) // FOLDS
    online = {f"online {name}": progressive(name, texts, labels) for name in Sentiment.models}
    best, *_ = online
    batches = by_fold(texts, labels, later)
    rules = {
        "the larger class": np.full(len(texts), labels.mean() - 0.5),
        "says 不": np.array([0.5 - ("不" in text) for text in texts]),
    }
    accuracies = {
        kind: {name: accuracy(labels[later], each[later]) for name, each in scores.items()}
        for kind, scores in (("online", online), ("batch", batches), ("rules", rules))
    }
    right = {name: (each > 0) == labels for name, each in {**online, **batches}.items()}
    return row(
        "praise or complaint",
        "cn_online_shopping_10_cats",
        "accuracy",
        accuracies["online"][best],
        accuracies["batch"],
        accuracies["rules"],
        int(later.sum()),
        TARGET,
        {
            "champion from the first text on": accuracy(labels, online[best]),
            "AUC of the champion": auc(labels[later], online[best][later]),
            "online": accuracies["online"],
            **{
                f"champion - {name}": paired(right[best][later], right[name][later])
                for name in batches
            },
        },
    )


def reviews() -> tuple[list[str], Flags]:
    """Texts and whether they praise, shuffled once."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        rows = [(each["review"], each["label"] == "1") for each in csv.DictReader(lines)]
    random.Random(SEED).shuffle(rows)
    return [text for text, _ in rows], np.array([label for _, label in rows])


def progressive(name: str, texts: list[str], labels: Flags) -> Column:
    """P(praise) - 0.5 of each text, before it is learnt."""
    model = Sentiment.models[name](0)
    scores = np.empty(len(texts))
    for place, (text, label) in enumerate(zip(texts, labels.tolist(), strict=True)):
        x = NGRAMS.indices(text)
        scores[place] = model.predict(x) - 0.5
        model.learn(x, label)
    return scores


def by_fold(texts: list[str], labels: Flags, later: Flags) -> dict[str, Column]:
    """Margins of each batch model, trained anew for every fold after the first; NaN before."""
    hashing = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), binary=True, norm=None, alternate_sign=False
    )
    x = hashing.transform(texts)
    scores = {name: np.full(len(texts), np.nan) for name in BATCH}
    for fold in np.array_split(np.flatnonzero(later), FOLDS - 1):
        known, asked = slice(0, fold[0]), slice(fold[0], fold[-1] + 1)
        for name, make in BATCH.items():
            model = make_pipeline(TfidfTransformer(), make()).fit(x[known], labels[known])
            scores[name][asked] = model.decision_function(x[asked])
    return scores


def accuracy(labels: Flags, scores: Column) -> float:
    """Share of the scores that are on the right side of 0."""
    return float(((scores > 0) == labels).mean())
