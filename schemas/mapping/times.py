"""How a mapping says that its times are written, checked as it is read."""

import re
from datetime import UTC, datetime
from typing import Final

from .preprocess import Objection
from .spec import Value

_NAMED: Final = ("iso", "epoch_s", "epoch_ms")
_OF_TIMES: Final = ("time", "zone", "year")
_SAMPLE: Final = datetime(2012, 11, 28, 13, 57, 46, tzinfo=UTC)  # any but of 1900, strptime's own


def from_layout(text: str, layout: str, year: int | None) -> datetime:
    """Read a time by its `strptime` layout; raises `ValueError`.

    >>> from_layout("29.02.", "%d.%m.", 2012).date()
    datetime.date(2012, 2, 29)
    """
    if year is None:
        return datetime.strptime(text, layout)
    # with the year in front, 29 February is parsed as a day of that year
    return datetime.strptime(f"{year} {text}", f"%Y {layout}")


def objection(field: str, value: Value) -> Objection | None:
    """Say why a field's times cannot be read as it is asked; None if they can.

    >>> objection("ts", Value(column="when", time="%d.%m."))
    Objection(key='time', value='%d.%m.', expected='a layout with a year, or year beside it')
    """
    if field != "ts":
        asked = (key for key in _OF_TIMES if key in value.model_fields_set)
        return next((Objection(key, getattr(value, key), "only for ts") for key in asked), None)
    if value.time is not None and value.time not in _NAMED:
        return _objection_to_layout(value.time, value.year)
    if value.year is not None:
        return Objection("year", value.year, "a strptime layout without a year as time")
    return None


def _objection_to_layout(layout: str, year: int | None) -> Objection | None:
    read = _read_back(layout)
    if read is None or "%" not in layout:
        return Objection("time", layout, "iso, epoch_s, epoch_ms or a strptime layout")
    has_year = read.year == _SAMPLE.year
    if has_year and year is not None:
        return Objection("year", year, f"no year beside {layout}, which has one")
    if not has_year and year is None:
        return Objection("time", layout, "a layout with a year, or year beside it")
    return None


def _read_back(layout: str) -> datetime | None:
    try:
        return datetime.strptime(_SAMPLE.strftime(layout), layout)
    except (ValueError, re.error):  # the second where a directive occurs twice
        return None
