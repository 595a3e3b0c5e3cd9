from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.clock import DAY_MS, RECENT, Clock

observations = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1_000)), max_size=80)


def source(number):
    return ("purchase", number)


def steady(clock, partitions, steps, start=0):
    """Every partition moves on by a minute, step by step."""
    for step in range(start, start + steps):
        for number in partitions:
            clock.observe(source(number), step * 60_000)


@given(observations)
def test_the_clock_of_a_source_never_goes_back(seen):
    clock, latest = Clock(grace_ms=100), {}
    for number, at in seen:
        for moved, now in clock.observe(source(number), at):
            assert now >= latest.get(moved, now)
            latest[moved] = now


@given(observations)
def test_every_clock_that_moves_is_reported(seen):
    clock, reported = Clock(grace_ms=100), {}
    for number, at in seen:
        reported.update(clock.observe(source(number), at))
    assert all(clock.of(known) == now for known, now in reported.items())


@given(observations)
def test_skipping_needless_sorting_changes_nothing(seen):
    """The low quantile is computed from scratch here, from the definition."""
    clock, recent, own, common = Clock(grace_ms=100), {}, {}, None
    for number, at in seen:
        clock.observe(source(number), at)
        recent.setdefault(number, []).append(at)
        own[number] = max(own.get(number, 0), median_low(recent[number][-RECENT:]))
        times = sorted(own.values())
        low = times[min(len(times) - 1, max(1, len(times) // 4))]
        common = low if common is None else max(common, low)
        for known, time in own.items():
            assert clock.of(source(known)) == max(time, common - 100)


@given(st.integers(1, 8), st.integers(0, 7), st.integers(DAY_MS, 10_000 * DAY_MS))
def test_one_timestamp_from_the_future_moves_nothing(partitions, which, ahead):
    numbers, clock = range(partitions), Clock()
    steady(clock, numbers, RECENT)
    clock.observe(source(which % partitions), ahead)
    assert all(clock.of(source(number)) <= RECENT * 60_000 for number in numbers)


@given(st.integers(2, 8))
def test_an_idle_partition_follows_the_others_a_grace_behind(partitions):
    clock = Clock(grace_ms=60_000)
    steady(clock, range(partitions), RECENT)
    steady(clock, range(1, partitions), 1_000, start=RECENT)
    assert clock.of(source(0)) >= clock.of(source(1)) - 2 * 60_000


def test_a_partition_that_is_read_later_than_the_others_keeps_its_own_time():
    clock = Clock(grace_ms=30 * DAY_MS)
    steady(clock, range(4), RECENT)
    steady(clock, range(1, 4), 20 * 24 * 60, start=RECENT)  # twenty days ahead
    assert clock.of(source(0)) == median_low(range(RECENT)) * 60_000
