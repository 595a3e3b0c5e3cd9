"""Sessions do not depend on the order of events that are at most a day late."""

from hypothesis import given
from hypothesis import strategies as st

from profiles.sketches.sessions import GAP_MS, LATENESS_MS, Sessions

MINUTE_MS = 60_000
OPEN_INTERVALS = 49  # the most that fit in 24 h and 30 min with pauses of more than 30 min

minutes = st.integers(0, 6 * 24 * 60).map(lambda minute: 1_600_000_000_000 + minute * MINUTE_MS)
late = st.integers(0, LATENESS_MS)


def split(times: list[int]) -> list[list[int]]:
    """Return the times of each session."""
    sessions: list[list[int]] = []
    for ts in sorted(times):
        if sessions and ts - sessions[-1][-1] <= GAP_MS:
            sessions[-1].append(ts)
        else:
            sessions.append([ts])
    return sessions


def naive(times: list[int]) -> int:
    return len(split(times))


def counted(times: list[int]) -> Sessions:
    sessions = Sessions()
    for ts in times:
        sessions.add(ts)
    return sessions


@given(st.lists(st.tuples(minutes, late), min_size=1, max_size=80))
def test_sessions_of_events_up_to_a_day_late_equal_a_naive_count(
    arrivals: list[tuple[int, int]],
) -> None:
    arrived = [ts for ts, delay in sorted(arrivals, key=sum)]
    sessions, in_order = counted(arrived), counted(sorted(arrived))
    assert sessions.count == naive(arrived)
    assert sessions.events == len(arrived)
    assert sessions.length_ms == sum(times[-1] - times[0] for times in split(arrived))
    assert sessions.pack() == in_order.pack()
    assert len(sessions.starts) <= OPEN_INTERVALS


@given(st.lists(minutes, min_size=1, max_size=80))
def test_the_latest_session_is_the_one_of_the_newest_event(times: list[int]) -> None:
    latest = split(times)[-1]
    assert counted(sorted(times)).last == (latest[0], latest[-1], len(latest))


@given(st.lists(st.tuples(minutes, late), max_size=80))
def test_sessions_come_back_from_what_is_stored(arrivals: list[tuple[int, int]]) -> None:
    arrived = [ts for ts, delay in sorted(arrivals, key=sum)]
    half = len(arrived) // 2
    stored = Sessions.unpack(counted(arrived[:half]).pack())
    for ts in arrived[half:]:
        stored.add(ts)
    assert stored.pack() == counted(arrived).pack()
    assert stored.last == counted(arrived).last


def test_a_pause_of_exactly_thirty_minutes_continues_a_session() -> None:
    assert counted([0, GAP_MS]).count == 1
    assert counted([0, GAP_MS + 1]).count == 2


@given(st.lists(minutes, min_size=1, max_size=40), st.lists(minutes, max_size=40))
def test_merging_commutes_and_counts_all_sessions_that_do_not_touch(
    one: list[int], two: list[int]
) -> None:
    """A fortnight lies between the sides: closed sessions of neither can touch the other."""
    far = [ts + 20 * 24 * 60 * MINUTE_MS for ts in two]
    a, b = counted(sorted(one)), counted(sorted(far))
    assert a.merged(b).pack() == b.merged(a).pack()
    assert a.merged(b).count == naive(one + far)
    assert a.merged(b).events == len(one + far)
    assert a.merged(b).length_ms == sum(times[-1] - times[0] for times in split(one + far))
    assert a.merged(b).last == counted(sorted(one + far)).last


@given(st.lists(minutes, max_size=40), st.lists(minutes, max_size=40))
def test_where_sides_touch_merging_still_commutes_and_never_loses_a_session(
    one: list[int], two: list[int]
) -> None:
    """The documented limit: a closed session that touches the other side counts in both."""
    a, b = counted(sorted(one)), counted(sorted(two))
    merged = a.merged(b)
    assert merged.pack() == b.merged(a).pack()
    assert naive(one + two) <= merged.count <= a.count + b.count
    assert len(merged.starts) <= OPEN_INTERVALS


def test_an_event_later_than_the_limit_changes_nothing_once_sessions_are_closed() -> None:
    sessions = counted([0, 10 * LATENESS_MS])
    before = sessions.pack()
    sessions.add(LATENESS_MS)
    assert sessions.pack() == before
    assert sessions.count == 2


def test_a_year_of_shuffled_events_keeps_few_intervals() -> None:
    times = [hour * 3_600_000 for hour in range(0, 365 * 24, 5)]
    sessions = Sessions()
    for ts in times:
        sessions.add(ts)
    assert sessions.count == len(times)
    assert len(sessions.starts) <= OPEN_INTERVALS
