"""Cells to values. A cell that cannot be converted is passed on as it is.

So nothing is lost in a mapping: the stream's validation sees the odd value and says what is wrong.
Times are passed on with what was expected of them, since validation knows more ways to write them.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.instants import EARLIEST_MS, datetime_ms, is_number

from .spec import Step, Value
from .times import from_layout

Convert = Callable[[Any], Any]

_ID_FIELDS: Final = frozenset(
    {"customer_id", "event_id", "order_id", "item_id", "coupon", "campaign", "referred_id"}
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = 9  # after the point, where binary fractions would show
_AROUND: Final = r"[^\d+\-.,()（）−–－]{0,5}"  # a minus or brackets there would mean less than 0
_WRITTEN: Final = re.compile(
    rf"{_AROUND}([+-]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?){_AROUND}", re.ASCII
)
_REMEMBERED_TIMES: Final = 65_536  # times repeat, and strptime takes as long as the rest of a row


def converter(field: str, value: Value) -> Convert | None:
    """Compose what a field does to its cells; None where it leaves them as they are."""
    steps = [_step(step) for step in value.do]
    if field == "ts":
        steps.append(_time(value))
    elif field in _ID_FIELDS:
        steps.append(id_text)
    passed_on = _unlike(value.time) if field == "ts" and value.time else _as_it_is
    return _tolerant(steps, passed_on) if steps else None


def convert_column(convert: Convert | None, cells: Sequence[Any]) -> Sequence[Any]:
    """Convert the cells that are there."""
    if convert is None:
        return cells
    return [None if cell is None else convert(cell) for cell in cells]


def number(cell: Any) -> int | float:
    """Read a cell as a number; raises `ValueError` or `TypeError`.

    >>> number("6"), number(" 2.55 "), number(17850.0), number(Decimal("450.00"))
    (6, 2.55, 17850.0, 450)
    """
    if isinstance(cell, bool):
        raise TypeError("a boolean is not a number")
    if isinstance(cell, Decimal):  # of a Parquet file; it would not add up with floats
        return int(cell) if cell == cell.to_integral_value() else _finite(float(cell))
    if not isinstance(cell, str):
        value: int | float = cell + 0  # a TypeError for what is no number
        return value
    if "_" in cell:  # 12_5 is a number to Python alone
        raise ValueError("not a number")
    try:
        return int(cell)
    except ValueError:
        return _finite(float(cell))


def total(cells: Sequence[Any]) -> Any:
    """Add the cells that are there, to 9 digits; one that is no number is passed on instead.

    >>> total(["0.1", 0.2, None]), total([None, None]), total([1, "much"])
    (0.3, None, 'much')
    """
    present = [cell for cell in cells if cell is not None]
    found: float = 0
    for cell in present:
        try:
            found += number(cell)
        except (ValueError, TypeError):
            return cell
    return round(found, _DIGITS) if present else None


def id_text(cell: Any) -> Any:
    """Write whole numbers as ids, since a table with gaps keeps its ids as floats.

    >>> id_text(17850.0), id_text(536365), id_text("C536379")
    ('17850', '536365', 'C536379')
    """
    if type(cell) is int or (type(cell) is float and cell.is_integer()):
        return str(int(cell))
    return cell


def cell_text(cell: Any) -> str:
    """Write a cell as it is compared with text: whole numbers as ids, flags as JSON has them.

    >>> cell_text(0.0), cell_text(True), cell_text("True")
    ('0', 'true', 'True')
    """
    return str(cell).lower() if isinstance(cell, bool) else str(id_text(cell))


def _as_it_is(cell: Any) -> Any:
    return cell


def _unlike(time: str) -> Convert:
    """Make of an odd cell what validation takes for no time, whatever the cell is."""
    return lambda cell: [f"not written as {time}", cell]


def _tolerant(steps: list[Convert], passed_on: Convert) -> Convert:
    def convert(cell: Any) -> Any:
        value = cell
        try:
            for step in steps:
                value = step(value)
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            return passed_on(cell)
        return value

    return convert


def _step(step: Step) -> Convert:
    if step.map is not None:
        values = step.map
        return lambda cell: values.get(cell_text(cell), cell)
    if step.split is not None:
        separator = step.split
        return lambda cell: [part for piece in cell.split(separator) if (part := piece.strip())]
    if step.scale is not None:
        factor = step.scale
        return lambda cell: round(_finite(number(cell) * factor), _DIGITS)  # 1999 x 0.01 is 19.99
    if step.offset is not None:
        offset = step.offset
        return lambda cell: round(_finite(number(cell) + offset), _DIGITS)
    return _NAMED[step.name or ""]


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def written_number(cell: Any) -> int | float:
    """Read a number as people write amounts: with a currency's sign, or commas between thousands.

    Raises `ValueError` for all else: for decimal commas, since 12,5 is not 125, and for what
    accountants write below zero, since (5), 5- and \N{MINUS SIGN}5 are not 5.

    >>> written_number("£1,234.50"), written_number("99元"), written_number("-3")
    (1234.5, 99, -3)
    """
    found = _WRITTEN.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return number(cell if found is None else found[1].replace(",", ""))


def _whole(cell: Any) -> int:
    value = number(cell)
    if value != int(value):
        raise ValueError("not a whole number")
    return int(value)


_NAMED: Final[dict[str, Convert]] = {
    "lower": lambda cell: cell.lower(),
    "upper": lambda cell: cell.upper(),
    "strip": lambda cell: cell.strip(),
    "abs": lambda cell: abs(number(cell)),
    "negate": lambda cell: -number(cell),
    "int": _whole,
    "number": written_number,
    "float": lambda cell: float(number(cell)),
}


def _time(value: Value) -> Convert:
    zone = ZoneInfo(value.zone)
    parse = _parser(value)

    # typed: 1, 1.0 and True are one key otherwise
    @lru_cache(maxsize=_REMEMBERED_TIMES, typed=True)
    def epoch_ms(cell: Any) -> Any:
        moment = cell if isinstance(cell, date) else parse(cell)
        if not isinstance(moment, date):
            return moment
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)
        found = datetime_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
        # so small a number would be read as seconds; written out, it is refused for what it is
        return found if found >= EARLIEST_MS else moment

    return epoch_ms


def _parser(value: Value) -> Convert:
    match value.time:
        case None:
            return _written_time
        case "iso":
            return datetime.fromisoformat
        case "epoch_s":
            return lambda cell: _EPOCH + timedelta(seconds=number(cell))
        case "epoch_ms":
            return lambda cell: _EPOCH + timedelta(milliseconds=number(cell))
        case layout:
            return lambda cell: from_layout(str(id_text(cell)), layout, value.year)


def _written_time(cell: Any) -> Any:
    """Read a time as validation would, which knows no zones; a number is the same in all."""
    if isinstance(cell, str) and not is_number(cell):
        return datetime.fromisoformat(cell)
    return cell
