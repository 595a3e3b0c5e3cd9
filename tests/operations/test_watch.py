"""A consumer is stuck if it gets nowhere though it could; one that waits for a server is not."""

import pytest
from faust.types import TP

from streams.service.watch import GROUP, LOST_SIGHT_SECONDS, Look, Watch

ONE, OTHER = TP("events.purchase", 0), TP("events.browse", 3)
EVERY = 5.0
SECONDS = 60.0


def watch(*looks: Look) -> Watch:
    after = Watch()
    for look in looks:
        after = after.after(look)
    return after


def looks(positions, ends, count: int = 20, waiting: bool = False, start: float = 0.0):
    """Looks at a regular distance; positions and ends may be functions of the look's number."""
    return [
        Look(
            start + number * EVERY,
            positions(number) if callable(positions) else positions,
            ends(number) if callable(ends) else ends,
            waiting,
        )
        for number in range(count)
    ]


def test_without_progress_though_there_is_something_to_read_it_is_stuck() -> None:
    seen = watch(*looks({ONE: 10}, {ONE: 11}))
    assert seen.stuck(SECONDS) == {"events.purchase/0": pytest.approx(19 * EVERY)}


def test_it_is_not_stuck_before_the_time_is_up() -> None:
    assert watch(*looks({ONE: 10}, {ONE: 11}, count=12)).stuck(SECONDS) == {}


def test_one_partition_among_others_is_enough() -> None:
    seen = watch(*looks(lambda n: {ONE: n, OTHER: 5}, {ONE: 999, OTHER: 6}))
    assert list(seen.stuck(SECONDS)) == ["events.browse/3"]


def test_a_partition_that_waits_for_another_topic_of_its_number_is_not_stuck() -> None:
    """Topics are kept in step, however long the one that is behind takes to catch up."""
    sibling = TP(ONE.topic, OTHER.partition)
    ends = {sibling: 100, OTHER: 6}
    behind = looks(lambda n: {sibling: n, OTHER: 5}, ends, count=99)
    assert watch(*(look._replace(in_step={OTHER}) for look in behind)).stuck(SECONDS) == {}
    assert list(watch(*behind).stuck(SECONDS)) == ["events.browse/3"]  # it waits for nobody
    caught_up = looks({sibling: 100, OTHER: 5}, ends)
    still = watch(*(look._replace(in_step={OTHER}) for look in caught_up))
    assert list(still.stuck(SECONDS)) == ["events.browse/3"]


def test_at_the_end_of_the_log_nothing_is_stuck() -> None:
    assert watch(*looks({ONE: 10}, {ONE: 10})).stuck(SECONDS) == {}


def test_slow_progress_is_progress() -> None:
    assert watch(*looks(lambda n: {ONE: n // 5}, {ONE: 10_000}, count=99)).stuck(SECONDS) == {}


def test_a_step_back_is_a_new_beginning() -> None:
    seen = watch(*looks(lambda n: {ONE: 10 if n < 10 else 5}, {ONE: 20}))
    assert seen.stuck(SECONDS) == {}


def test_waiting_for_a_server_is_not_stuck_and_time_counts_anew_after_it() -> None:
    assert watch(*looks({ONE: 10}, {ONE: 11}, waiting=True)).stuck(SECONDS) == {}
    stalled = looks({ONE: 10}, {ONE: 11}, count=11)
    waits = looks({ONE: 10}, {}, count=1, waiting=True, start=11 * EVERY)
    again = looks({ONE: 10}, {ONE: 11}, count=11, start=12 * EVERY)
    assert watch(*stalled, *waits, *again).stuck(SECONDS) == {}


def test_a_partition_that_never_gets_a_position_is_stuck() -> None:
    assert watch(*looks({ONE: None}, {ONE: 0})).stuck(SECONDS)


def test_outside_the_group_for_long_is_stuck() -> None:
    assert list(watch(*looks(None, {})).stuck(SECONDS)) == [GROUP]


def test_a_member_without_partitions_is_a_standby() -> None:
    assert watch(*looks({}, {})).stuck(SECONDS) == {}


def test_a_process_that_was_stopped_is_not_judged_by_the_time_it_lost() -> None:
    before = looks({ONE: 10}, {ONE: 11}, count=8)
    gap = before[-1].at + LOST_SIGHT_SECONDS + 100
    after = looks({ONE: 10}, {ONE: 11}, count=8, start=gap)
    assert watch(*before, *after).stuck(SECONDS) == {}
