"""While a server is away callers wait longer and longer, and the log speaks once."""

import asyncio
import gc
import weakref

import pytest
from confluent_kafka import KafkaException
from redis.exceptions import ConnectionError as RedisAwayError
from structlog.testing import capture_logs

from streams import patience
from streams.patience import LONGEST_SECONDS, Outages, Patience


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outages(clock: Clock) -> Outages:
    return Outages(clock=clock)


def test_waits_double_up_to_a_bound_and_start_anew_after_an_answer(outages: Outages) -> None:
    caller = Patience(outages)
    waits = [caller.failed(RedisAwayError()) for _ in range(9)]
    assert waits[:3] == [0.1, 0.2, 0.4]
    assert waits[-1] == LONGEST_SECONDS
    caller.succeeded()
    assert caller.failed(RedisAwayError()) == 0.1


def test_an_outage_is_two_lines_however_many_wait(outages: Outages, clock: Clock) -> None:
    callers = [Patience(outages) for _ in range(4)]
    with capture_logs() as entries:
        for caller in callers * 5:
            caller.failed(RedisAwayError("refused"))
        clock.now += 31.24
        assert outages.away() == {"redis": pytest.approx(31.24)}
        for caller in callers:
            caller.succeeded()
    assert [entry["event"] for entry in entries] == [
        "redis away, trying until it is back",
        "redis back after 31.2 s",
    ]
    assert entries[0]["error"] == "refused"
    assert outages.away() == {}


def test_a_server_is_not_back_before_the_last_caller_has_an_answer(outages: Outages) -> None:
    one, other = Patience(outages), Patience(outages)
    one.failed(RedisAwayError())
    other.failed(RedisAwayError())
    one.succeeded()
    assert list(outages.away()) == ["redis"]


def test_who_has_neither_answer_nor_failure_for_long_is_an_excuse_no_more(
    outages: Outages, clock: Clock
) -> None:
    """A server that is away refuses again and again; an attempt that hangs is another thing."""
    caller = Patience(outages)
    assert not outages.failed_lately(60)
    caller.failed(RedisAwayError())
    clock.now += 50
    caller.failed(RedisAwayError())
    clock.now += 50
    assert outages.failed_lately(60)
    clock.now += 50
    assert not outages.failed_lately(60)
    assert list(outages.away()) == ["redis"]


def test_servers_are_told_apart(outages: Outages) -> None:
    caller = Patience(outages)
    caller.failed(RedisAwayError())
    caller.failed(KafkaException("gone"))
    assert set(outages.away()) == {"redis", "kafka"}
    caller.succeeded()
    assert outages.away() == {}


async def test_it_insists_until_there_is_an_answer(
    outages: Outages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.001)
    answers = iter([RedisAwayError(), ConnectionResetError(), 7])

    async def attempt() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await Patience(outages).insist(attempt) == 7
    assert outages.away() == {}


async def test_a_defect_is_raised_at_once(outages: Outages) -> None:
    async def attempt() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Patience(outages).insist(attempt)


async def test_who_is_cancelled_waits_no_more_and_calls_nothing_back(outages: Outages) -> None:
    async def attempt() -> None:
        raise RedisAwayError

    with capture_logs() as entries:
        task = asyncio.create_task(Patience(outages).insist(attempt))
        while not outages.away():
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert outages.away() == {}
    assert len(entries) == 1


class Batch:
    """Something large that an attempt holds."""


async def test_what_a_failed_attempt_held_is_let_go_though_its_error_is_in_a_cycle(
    outages: Outages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.0)
    held: list[weakref.ref[Batch]] = []

    async def attempt() -> bool:
        batch = Batch()
        if held:
            return held[0]() is None
        held.append(weakref.ref(batch))
        error = RedisAwayError()  # as redis-py does: a frame and its error know each other
        raise error

    gc.disable()
    try:
        assert await Patience(outages).insist(attempt)
    finally:
        gc.enable()
