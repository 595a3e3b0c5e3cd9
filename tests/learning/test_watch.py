"""What changes around a task is kept with its time, by the features' names."""

import random

from profiles.learning.metrics.drift import REFERENCE
from profiles.learning.task import Kind
from profiles.learning.watch import Watch


def seen(n=3 * REFERENCE, changed_at=2 * REFERENCE):
    watch, rng = Watch(("orders", "revenue"), Kind.BINARY), random.Random(1)
    for at in range(n):
        new = at >= changed_at
        watch.asked(at, {0: rng.gauss(0, 1), 1: rng.gauss(2.0 * new, 1)})
        watch.answered(at, 0.8 if rng.random() < 0.5 else 0.2, rng.random() < 0.5 + 0.4 * new)
        watch.answered(at, 0.9, not new)
    return watch


def test_moved_features_and_rising_errors_become_events():
    card = seen().card()
    assert {event["what"] for event in card["events"]} == {"errors", "revenue"}
    assert all(event["at"] >= 2 * REFERENCE for event in card["events"])
    assert card["stability"]["revenue"] > card["stability"]["orders"]


def test_an_unlabelled_task_has_no_errors_to_watch():
    watch = Watch(("orders",), Kind.ANOMALY)
    watch.answered(0, 0.7, None)
    assert watch.errors.n == 0


def test_a_restored_watch_shows_the_same():
    watch, restored = seen(), Watch(("orders", "revenue"), Kind.BINARY)
    restored.restore(watch.state())
    assert restored.card() == watch.card()
