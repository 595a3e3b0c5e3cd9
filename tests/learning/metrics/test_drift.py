"""A change of the world is noticed once, dated, and with its size."""

import random

import pytest

from profiles.learning.metrics.drift import (
    REFERENCE,
    SHIFTED,
    ErrorWatch,
    InputWatch,
    error_of,
    stability_index,
)
from profiles.learning.task import Kind


def rows(n, seed, shift=0.0):
    rng = random.Random(seed)
    return [{0: rng.gauss(0, 1), 1: rng.gauss(shift, 1), 2: 0.0} for _ in range(n)]


def fed(watch, given):
    return [drift for at, row in enumerate(given) for drift in watch.update(at, row)]


def test_steady_inputs_raise_no_alarm():
    watch = InputWatch(3)
    assert not fed(watch, rows(5 * REFERENCE, seed=1))
    assert max(watch.values()["stability"]) < 0.1


def test_the_input_that_has_moved_is_named_once_and_becomes_the_reference():
    given = rows(2 * REFERENCE, seed=1) + rows(3 * REFERENCE, seed=2, shift=1.0)
    (drift,) = fed(InputWatch(3), given)
    assert (drift.what, drift.examples) == ("1", 3 * REFERENCE)
    assert drift.after >= SHIFTED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([0.0] * 19 + [1.0], [0.0] * 2 + [1.0] * 3),  # hardly anybody gave anything back
        ([0.0] * 3 + [1.0] * 97, [0.0] * 6 + [1.0] * 4),
        ([0.0], [5.0]),  # a shop that begins to be looked at
        ([5.0], [0.0]),
        ([0.0] * 10 + [0.5] + [1.0] * 9, [0.0] * 10 + [0.5] * 8 + [1.0] * 2),
    ],
)
def test_an_input_that_is_mostly_one_value_is_seen_to_move(before, after):
    given = [value for few in (before, before, after) for value in _repeated(few)]
    watch = InputWatch(1)
    (drift,) = fed(watch, [{0: value} for value in given])
    assert drift.examples == 3 * REFERENCE
    assert drift.after >= SHIFTED


def _repeated(values):
    return [values[at % len(values)] for at in range(REFERENCE)]


def test_a_restored_watch_goes_on_as_if_nothing_had_happened():
    given = rows(2 * REFERENCE, seed=1) + rows(2 * REFERENCE, seed=2, shift=1.0)
    first, second = InputWatch(3), InputWatch(3)
    fed(first, given[:-500])
    second.restore(first.state())
    fed(second, given[-500:])
    whole = InputWatch(3)
    fed(whole, given)
    assert second.state() == whole.state()


def test_rising_errors_are_noticed_with_what_they_were_and_became():
    rng = random.Random(7)
    watch = ErrorWatch()
    errors = [float(rng.random() < (0.2 if at < 3_000 else 0.45)) for at in range(6_000)]
    found = [drift for at, error in enumerate(errors) if (drift := watch.update(at, error))]
    assert 3_000 < found[0].at < 3_500
    assert found[0].before == pytest.approx(0.2, abs=0.05)
    assert found[0].after == pytest.approx(0.45, abs=0.15)


def test_the_index_is_zero_where_nothing_moved_and_grows_with_the_move():
    steps = [stability_index([0.5, 0.5], [0.5 + s, 0.5 - s]) for s in (0.0, 0.1, 0.2, 0.5)]
    assert steps[0] == 0
    assert steps == sorted(steps)


def test_errors_of_every_labelled_kind_lie_between_0_and_1():
    assert error_of(Kind.MULTICLASS, {"tea": 0.25}, "tea") == 0.75
    assert error_of(Kind.MULTICLASS, {"tea": 0.25}, "cups") == 1.0
    assert error_of(Kind.REGRESSION, 0.0, 0.0) == 0.0
    assert error_of(Kind.BINARY, 0.75, False) == 0.75
