"""The next category: asked at every order, answered by the next one's within 30 days."""

import asyncio
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.learning import champion
from benchmarks.learning.batch import SEED, folds
from benchmarks.learning.events import SOURCES, Event, real, sample
from benchmarks.learning.examples import Examples, Flags, answered, due
from benchmarks.learning.fold import Fold, Vector
from benchmarks.learning.measure import paired
from benchmarks.learning.online import schedule
from benchmarks.learning.row import Row, row
from benchmarks.learning.scenario import EIGHT_WEEKS_MS
from benchmarks.learning.shops import SEED as SHOP
from benchmarks.learning.shops import run
from profiles.learning.model import Tastes
from profiles.learning.next_category import NextCategory

SAID = 3
WEEKS = 4  # between two trainings of the batch models: they tell hundreds of classes apart
HORIZON_MS = NextCategory.horizon

BATCH: dict[str, Callable[[], Any]] = {
    "batch logistic regression": lambda: LogisticRegression(max_iter=300),
    "batch random forest": lambda: RandomForestClassifier(
        100, min_samples_leaf=5, n_jobs=1, random_state=SEED
    ),
}

Answers = list[list[str]]
"""Of each question the classes said, the likeliest first; at most SAID."""


def of_shop() -> Row:
    """The synthetic shop's orders."""
    shop = run(SHOP)
    return _row("shop", shop.events, shop.orders)


def of_completejourney(share: int) -> Row:
    """Every `share`-th household's orders."""
    events = sample(real(SOURCES["completejourney"]), share)
    vectors, _ = asyncio.run(Fold("USD").run(events))
    return _row("completejourney", events, [v for v in vectors if v.kind == "order"])


def _row(data: str, events: list[Event], orders: list[Vector]) -> Row:
    examples, liked = questions(events, orders)
    online = {
        name: [likeliest(each or {}) for each in said]
        for name, said in champion.answers(NextCategory, liked, examples).items()
    }
    batches = {name: by_fold(name, examples, liked) for name in BATCH}
    rules = {"tastes so far": [likeliest(tastes) for tastes in liked],
             "popularity": popular(examples)}  # fmt: skip
    hits = {name: found(examples, said) for name, said in {**online, **batches, **rules}.items()}
    shares = {name: float(each.mean()) for name, each in hits.items()}
    return row(
        "category of the next order",
        data,
        f"hit@{SAID}",
        shares[champion.SERVED],
        {name: shares[name] for name in batches},
        {name: shares[name] for name in rules},
        len(hits[champion.SERVED]),
        None,
        {
            "classes": len(set(examples.labels.tolist())),
            "online": {name: shares[name] for name in online},
            **{f"champion - {name}": paired(hits[champion.SERVED], hits[name]) for name in batches},
        },
    )


def questions(events: list[Event], orders: list[Vector]) -> tuple[Examples, list[Tastes]]:
    """Those that have an answer, and what was liked when they were asked."""
    bought = categories(events)
    asked = [
        each
        for each in due(orders, HORIZON_MS, events[-1][1]["ts"])
        if each.tastes and following(bought[each.customer], each.at) is not None
    ]
    examples = answered(
        asked,
        HORIZON_MS,
        events[0][1]["ts"] + EIGHT_WEEKS_MS,
        lambda vector: following(bought[vector.customer], vector.at),
    )
    return examples, [each.tastes for each in asked]


def categories(events: Iterable[Event]) -> dict[str, list[tuple[int, str]]]:
    """By customer, ascending: when each line with a category was bought, and which it was."""
    bought = defaultdict(list)
    for kind, event in events:
        if kind == "purchase" and event["type"] == "purchase" and event.get("category"):
            bought[event["customer_id"]].append((event["ts"], event["category"]))
    return bought


def following(bought: list[tuple[int, str]], at: int) -> str | None:
    """The first category bought later than `at` and within the horizon.

    >>> following([(5, "tea"), (7, "cups")], 5)
    'cups'
    """
    place = bisect_right(bought, at, key=lambda line: line[0])
    later = bought[place : place + 1]
    return next((category for ts, category in later if ts <= at + HORIZON_MS), None)


def by_fold(name: str, examples: Examples, liked: list[Tastes]) -> Answers:
    """What a batch model says of each that is scored; before every fold it is trained anew."""
    x = DictVectorizer().fit_transform(liked)
    said: Answers = [[] for _ in liked]
    for known, asked in folds(examples, WEEKS):
        model = BATCH[name]().fit(x[known], examples.labels[known])
        shares = model.predict_proba(x[asked])
        for place, best in zip(asked, np.argsort(-shares, axis=1)[:, :SAID], strict=True):
            said[place] = model.classes_[best].tolist()
    return said


def popular(examples: Examples) -> Answers:
    """The commonest answers so far."""
    counts: Counter[str] = Counter()
    said: Answers = [[] for _ in range(len(examples))]
    for place, learn in schedule(examples):
        if learn:
            counts[str(examples.labels[place])] += 1
        else:
            said[place] = [category for category, _ in counts.most_common(SAID)]
    return said


def likeliest(shares: Mapping[str, float]) -> list[str]:
    """The names of the largest shares.

    >>> likeliest({"tea": 0.1, "cups": 0.5, "pots": 0.2, "tins": 0.2})
    ['cups', 'pots', 'tins']
    """
    return sorted(shares, key=shares.__getitem__, reverse=True)[:SAID]


def found(examples: Examples, said: Answers) -> Flags:
    """Whether the answer is among what was said, of those that are scored."""
    labels = examples.labels.tolist()
    hits = np.array([label in each for label, each in zip(labels, said, strict=True)])
    scored: Flags = hits[examples.scored]
    return scored
