import pickle
from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.clock import BEGINNING, DAY_MS, LOOKS, RECENT, Clock

observations = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 1_000)), min_size=30, max_size=120
)
silences = st.integers(RECENT, 200)
LOOKED_AT_ALWAYS = st.integers(RECENT, 2 * LOOKS - 1)


def source(number):
    return ("purchase", number)


def copied(state):
    return pickle.loads(pickle.dumps(state))  # noqa: S301  (our own)


def steady(clock, partitions, steps, start=0):
    """Every partition moves on by a minute, step by step."""
    for step in range(start, start + steps):
        for number in partitions:
            clock.observe(source(number), step * 60_000)


@given(observations, silences)
def test_the_clock_of_a_source_never_goes_back(seen, silence):
    clock, latest = Clock(grace_ms=100, silence=silence), {}
    for number, at in seen:
        for moved, now in clock.observe(source(number), at):
            assert now >= latest.get(moved, now)
            latest[moved] = now


@given(observations, silences)
def test_every_clock_that_moves_is_reported(seen, silence):
    clock, reported = Clock(grace_ms=100, silence=silence), {}
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


@given(observations, LOOKED_AT_ALWAYS)
def test_the_quantile_is_that_of_the_sources_that_are_heard(seen, silence):
    """Those whose nine recent observations are among the last of all; without any, of all."""
    clock, own, common = Clock(grace_ms=100, silence=silence), {}, BEGINNING
    for count, (number, at) in enumerate(seen, start=1):
        clock.observe(source(number), at)
        times, heard = {}, set()
        for each in range(4):
            places = [place for place in range(count) if seen[place][0] == each][-RECENT:]
            if len(places) == RECENT:
                times[each] = median_low(seen[place][1] for place in places)
                heard |= {each} if places[0] >= count - silence else set()
        own |= {each: max(own.get(each, 0), time) for each, time in times.items()}
        if counted := sorted(own[each] for each in heard or own):
            common = max(common, counted[min(len(counted) - 1, max(1, len(counted) // 4))])
        assert clock.common == common


@given(observations, silences, st.sets(st.integers(0, 119)))
def test_a_clock_restored_anywhere_goes_on_the_same(seen, silence, cuts):
    whole, cut = Clock(grace_ms=100, silence=silence), Clock(grace_ms=100, silence=silence)
    for place, (number, at) in enumerate(seen):
        if place in cuts:
            stored, cut = copied(cut.state()), Clock(grace_ms=100, silence=silence)
            cut.restore(stored)
        assert cut.observe(source(number), at) == whole.observe(source(number), at)


@given(observations, silences)
def test_no_more_than_the_grace_behind_a_source_keeps_its_own_time_however_silent(seen, silence):
    """As in a replay, where others race ahead before its turn comes."""
    clock, own = Clock(grace_ms=1_000, silence=silence), {}
    for number, at in seen:
        own |= dict(clock.observe(source(number), at))
        assert all(clock.of(known) == now for known, now in own.items())
    recent = {each: [at for number, at in seen if number == each] for each in range(4)}
    for number, times in recent.items():
        medians = [median_low(times[end - RECENT : end]) for end in range(RECENT, len(times) + 1)]
        assert max(medians, default=clock.of(source(number))) == clock.of(source(number))


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


@given(st.integers(2, 8), st.integers(1, 8))
def test_partitions_that_have_gone_hold_nobody_back(gone, left):
    """As those of a topic that was recreated, however many they are."""
    clock = Clock(grace_ms=60_000, silence=100 * left)
    steady(clock, range(gone + left), RECENT)
    steady(clock, range(left), 200, start=RECENT)
    assert clock.common > 200 * 60_000
    assert clock.of(source(gone + left - 1)) == clock.common - 60_000


def test_who_is_read_far_behind_the_others_is_not_silent():
    """Half of the partitions are read as fast as the others, and are a year behind."""
    clock = Clock(silence=200)
    steady(clock, range(8), RECENT)
    for minute in range(RECENT, 400):
        for number in range(8):
            clock.observe(source(number), minute * 60_000 + (number % 2) * 365 * DAY_MS)
    assert clock.common < DAY_MS
    assert clock.of(source(0)) < DAY_MS


def test_who_is_heard_too_rarely_for_its_time_to_be_recent_holds_nobody_back():
    """Nine events of a rarely used topic may be months; each of them ends a silence."""
    clock = Clock(grace_ms=0, silence=500)
    for minute in range(3_000):
        clock.observe(source(0), minute * 60_000)
        for rare in (1, 2) if minute % 100 == 0 else ():
            clock.observe(source(rare), minute * 60_000)
    assert clock.common > 2_900 * 60_000


def test_a_source_that_comes_back_is_not_set_back():
    """It goes on where the others left it, until its own time is later."""
    clock = Clock(grace_ms=0, silence=100)
    steady(clock, range(3), RECENT)
    steady(clock, [0], 200, start=RECENT)
    left_at = clock.of(source(1))
    steady(clock, [1, 2], RECENT, start=RECENT)
    assert clock.of(source(1)) == left_at > 190 * 60_000
    steady(clock, range(3), RECENT, start=300)
    assert clock.of(source(1)) == median_low(range(300, 300 + RECENT)) * 60_000


@given(observations)
def test_a_clock_of_an_older_snapshot_goes_on_with_all_sources_heard(seen):
    older, clock = Clock(grace_ms=100), Clock(grace_ms=100)
    for number, at in seen:
        older.observe(source(number), at)
    known = copied(older.state())
    clock.restore({name: known[name] for name in ("recent", "own", "common")})
    assert clock.state()["numbers"].keys() == clock.state()["recent"].keys()
    for number, at in seen:
        assert clock.observe(source(number), at + 500) == older.observe(source(number), at + 500)
