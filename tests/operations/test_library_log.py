"""What the client says is folded where an outage explains it, and never lost where none does."""

import logging

import pytest

from streams.service.library_log import HeldLog


class Written(logging.Handler):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def held(written: Written) -> HeldLog:
    return HeldLog(written)


def complain(held: HeldLog, line: int, times: int = 1) -> None:
    for number in range(times):
        message = f"complaint {number} of line %d"
        held.handle(
            logging.LogRecord("aiokafka", logging.ERROR, "x.py", line, message, (line,), None)
        )


def test_an_outage_explains_them_all(held: HeldLog, written: Written) -> None:
    complain(held, 1, 300)
    held.settle(kafka_away=True)
    held.settle(kafka_away=False)
    assert written.lines == []


def test_without_an_outage_each_place_speaks_once(held: HeldLog, written: Written) -> None:
    complain(held, 1, 300)
    complain(held, 2)
    held.settle(kafka_away=False)
    assert written.lines == ["complaint 0 of line 1 (300 times)", "complaint 0 of line 2"]


def test_what_is_left_at_the_end_is_written(held: HeldLog, written: Written) -> None:
    complain(held, 1)
    held.close()
    assert written.lines == ["complaint 0 of line 1"]
