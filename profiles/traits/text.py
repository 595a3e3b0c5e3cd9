"""How numbers, times and names stand in a public field."""

from datetime import UTC, datetime
from functools import lru_cache

from profiles.sections.purchase import MONEY_SCALE

DAY_SECONDS = 86_400
MAX_BYTES = 64

_DIGITS = [f"{number:02}" for number in range(100)]
_MINUTES = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
"""Looked up rather than formatted: every profile has some ten times and amounts."""


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY_SECONDS, UTC).strftime("%Y-%m-%d")


def time_text(ms: int) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC, to the second.

    >>> time_text(1_291_192_560_000)
    '2010-12-01T08:36:00Z'
    """
    day, second_of_day = divmod(ms // 1000, DAY_SECONDS)
    minute, second = divmod(second_of_day, 60)
    return f"{_day(day)}{_MINUTES[minute]}{_DIGITS[second]}Z"


def money_text(amount: int) -> str:
    """Return 1e-4 units as a decimal with two digits, or four where they are needed.

    >>> money_text(4_310_0000), money_text(-12_345)
    ('4310.00', '-1.2345')
    """
    whole, rest = divmod(abs(amount), MONEY_SCALE)
    cents, finer = divmod(rest, 100)
    text = f"{whole}.{_DIGITS[cents]}{_DIGITS[finer] if finer else ''}"
    return f"-{text}" if amount < 0 else text


def number_text(value: float) -> str:
    """Return a number with 12 significant digits: sums agree to 1e-9 whatever their order.

    >>> number_text(2 / 3), number_text(4.0)
    ('0.666666666667', '4')
    """
    return f"{value:.12g}"


def ratio_text(value: float) -> str:
    """Return a share, mean or spread of exact figures with 4 significant digits.

    >>> ratio_text(2 / 3), ratio_text(60.8333333), ratio_text(12345.6), ratio_text(0.0)
    ('0.6667', '60.83', '12346', '0')
    """
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def name_text(name: str) -> str:
    """Return a name cut to 64 bytes of UTF-8, with an ellipsis where something is missing.

    >>> name_text("陶瓷茶杯"), len(name_text("杯" * 40).encode())
    ('陶瓷茶杯', 63)
    """
    if name.isascii() and len(name) <= MAX_BYTES:
        return name
    encoded = name.encode()
    if len(encoded) <= MAX_BYTES:
        return name
    return encoded[: MAX_BYTES - 3].decode(errors="ignore") + "…"
