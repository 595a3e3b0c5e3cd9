from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.clock import BEGINNING, DAY_MS, RECENT, Clock

observations = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 1_000)), min_size=30, max_size=120
)


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
    clock, recent, own, common = Clock(grace_ms=100), {}, {}, BEGINNING
    for number, at in seen:
        clock.observe(source(number), at)
        recent.setdefault(number, []).append(at)
        if len(recent[number]) >= RECENT:
            own[number] = max(own.get(number, 0), median_low(recent[number][-RECENT:]))
        if times := sorted(own.values()):
            common = max(common, times[min(len(times) - 1, max(1, len(times) // 4))])
        for known in recent:
            assert clock.of(source(known)) == max(own.get(known, BEGINNING), common - 100)


@given(
    st.integers(1, 8), st.integers(0, 7), st.integers(0, 40), st.integers(DAY_MS, 9_999 * DAY_MS)
)
def test_one_timestamp_from_the_future_moves_nothing(partitions, which, when, ahead):
    """Not even as the first event of its partition."""
    clock, stray = Clock(), source(which % partitions)
    steady(clock, range(partitions), when)
    clock.observe(stray, ahead)
    steady(clock, range(partitions), RECENT, start=when)
    assert all(clock.of(source(number)) <= (when + RECENT) * 60_000 for number in range(partitions))


@given(st.integers(2, 8), st.integers(0, 2 * RECENT))
def test_an_idle_partition_follows_the_others_a_grace_behind(partitions, busy):
    """Also when it fell silent early; and it holds nobody else back."""
    clock = Clock(grace_ms=60_000)
    clock.observe(source(0), 0)
    steady(clock, range(partitions), busy)
    steady(clock, range(1, partitions), 100, start=busy)
    assert clock.of(source(0)) == clock.of(source(1)) - 60_000 == (busy + 100 - 6) * 60_000


def test_a_partition_that_is_read_later_than_the_others_keeps_its_own_time():
    clock = Clock(grace_ms=30 * DAY_MS)
    steady(clock, range(4), RECENT)
    steady(clock, range(1, 4), 20 * 24 * 60, start=RECENT)  # twenty days ahead
    assert clock.of(source(0)) == median_low(range(RECENT)) * 60_000


def test_a_source_that_is_forgotten_holds_nobody_back():
    """As partitions do that another worker has taken over."""
    clock = Clock(grace_ms=0)
    for source in ("purchase", 0), ("purchase", 1), ("purchase", 2):
        for _ in range(RECENT):
            clock.observe(source, 0)
    clock.forget(("purchase", 1))
    clock.forget(("purchase", 2))
    for _ in range(RECENT):
        clock.observe(("purchase", 0), 1_000)
    assert clock.common == 1_000
