"""Points in time: whatever a producer writes becomes integer milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

# Every accepted time in milliseconds is larger than every accepted time in seconds, so a bare
# number can be told apart. The price is the first 48 days of 1970.
EARLIEST_MS: Final = 4_102_444_801  # 1970-02-17
LATEST_MS: Final = 4_102_444_800_000  # 2100-01-01
_LATEST_S: Final = LATEST_MS // 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_COMPACT_DATE_DIGITS: Final = 8  # 20110101: as seconds it would be August 1970, so it is a date


def to_epoch_ms(value: Any) -> int:
    """Convert ISO 8601, epoch seconds or epoch milliseconds to epoch milliseconds, UTC.

    Numbers up to 4 102 444 800 (2100-01-01) are seconds, larger ones milliseconds. A numeric string
    is a number, but eight digits are a date. An ISO time without an offset is UTC. What is finer
    than a millisecond is cut off: the last moment of a day is not the next day's first.

    Raises `ValueError` for anything else, and for times before 1970-02-17 or after 2100-01-01.

    >>> to_epoch_ms("2011-12-09T12:50:00"), to_epoch_ms("20111209"), to_epoch_ms(1472688000)
    (1323435000000, 1323388800000, 1472688000000)
    """
    if isinstance(value, str) and is_number(value):
        value = float(value)
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        epoch_ms = datetime_ms(moment)
    elif type(value) in (int, float) and 0 <= value <= LATEST_MS:
        epoch_ms = _whole_ms(value * 1000 if value <= _LATEST_S else value)
    else:
        raise ValueError("not a point in time")
    if not EARLIEST_MS <= epoch_ms <= LATEST_MS:
        raise ValueError("before 1970-02-17 or after 2100-01-01")
    return epoch_ms


def datetime_ms(moment: datetime) -> int:
    """Milliseconds since 1970, begun ones not counted; a moment without a zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MS


def _whole_ms(epoch_ms: float) -> int:
    """Cut a number off to milliseconds, by its microseconds: 0.123 s is not quite 123 ms.

    >>> _whole_ms(1577836800.123 * 1000), _whole_ms(1577836800.1239 * 1000)
    (1577836800123, 1577836800123)
    """
    return round(epoch_ms * 1000) // 1000


def is_number(text: str) -> bool:
    """Tell whether a text is epoch seconds or milliseconds, and no written time.

    >>> is_number("1472688000"), is_number("20111209"), is_number("2011-12-09")
    (True, False, False)
    """
    digits = text.replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and len(text) != _COMPACT_DATE_DIGITS
