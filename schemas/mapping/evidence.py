"""What the cells of a column look like, and whether a field could hold them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from schemas.fields import MAX_FACT, MAX_ID, MAX_NAME, MAX_NUMBER

from .values import id_text, number, written_number

ENOUGH: Final = 0.9  # of the cells must fit; real columns have their faults
_MOST_ACTIONS: Final = 12
_MOST_RATINGS: Final = 21  # 0 to 10 by halves
_LONG_TEXT: Final = 25  # characters, on average

_DAYS: Final = (
    "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%Y年%m月%d日", "%d %b %Y",
    "%d-%b-%Y", "%b %d, %Y", "%m %d, %Y", "%m/%d/%y", "%Y.%m.%d",
)  # fmt: skip
_LAYOUTS: Final = (
    *("iso", "%Y%m%d", "epoch_s", "epoch_ms"),
    *(day + time for day in _DAYS for time in (" %H:%M:%S", " %H:%M", "")),
    *("%m-%d", "%m/%d"),
)
_SECONDS: Final = (500_000_000, 4_102_444_800)  # 1985 to 2100; smaller numbers are anything else
_YEARS: Final = (1971, 2100)
_NAME_OF_ZEROS: Final = re.compile(r"0\d")


@dataclass(frozen=True)
class Column:
    """A column of the sample: its name and the cells that are there."""

    name: str
    cells: Sequence[Any]
    rows: int

    @cached_property
    def different(self) -> set[str]:
        """The values that differ, as text."""
        return {str(id_text(cell)) for cell in self.cells}

    @cached_property
    def numbers(self) -> list[float]:
        """The cells that are numbers."""
        return [value for cell in self.cells if (value := _number(cell)) is not None]

    @cached_property
    def layout(self) -> str | None:
        """How its times are written, as a mapping says it; "" for times that are times already."""
        if self._share(lambda cell: isinstance(cell, date)) >= ENOUGH:
            return ""
        return next((layout for layout in _LAYOUTS if self._is_written(layout)), None)

    @property
    def has_time_of_day(self) -> bool:
        """Whether its times are finer than days."""
        if self.layout == "":
            return any(isinstance(cell, datetime) and cell.hour for cell in self.cells)
        if self.layout == "iso":
            return any(":" in str(cell) for cell in self.cells)
        return self.layout is not None and ("%H" in self.layout or self._epochs_have_hours())

    @property
    def alternative(self) -> str | None:
        """Another reading of its times: whether day or month comes first is not always plain."""
        if self.layout is None or not self.layout.startswith("%d/%m"):
            return None
        other = self.layout.replace("%d/%m", "%m/%d")
        return other if self._is_written(other) else None

    def repeats(self) -> bool:
        """Whether some values occur more than once, and not all are one."""
        return 1 < len(self.different) < len(self.cells)

    def has_zeros_in_front(self) -> bool:
        """Whether its numbers are rather names, such as 0001."""
        return any(isinstance(cell, str) and _NAME_OF_ZEROS.match(cell) for cell in self.cells)

    def is_id(self) -> bool:
        """Could be ids."""
        return self._share(_id_like) >= ENOUGH

    def is_number(self, least: float = -MAX_NUMBER, most: float = MAX_NUMBER) -> bool:
        """Numbers between two bounds."""
        fitting = sum(least <= value <= most for value in self.numbers)
        return bool(self.cells) and fitting >= ENOUGH * len(self.cells)

    def is_written_number(self) -> bool:
        """Numbers, perhaps with a currency's sign or commas between thousands."""
        return self._share(_is_amount) >= ENOUGH

    def is_whole(self) -> bool:
        """Whole numbers."""
        return self.is_number() and all(value == int(value) for value in self.numbers)

    def is_rating(self) -> bool:
        """Few numbers from 0 to 10."""
        return self.is_number(0, 10) and len(self.different) <= _MOST_RATINGS

    def is_line(self, limit: int = MAX_NAME) -> bool:
        """Short texts or numbers."""
        return self._share(lambda cell: _is_scalar(cell) and len(str(cell)) <= limit) >= ENOUGH

    def is_fact(self) -> bool:
        """Very short texts or numbers."""
        return self.is_line(MAX_FACT)

    def is_text(self) -> bool:
        """Texts that are no numbers."""
        return self._share(lambda cell: isinstance(cell, str)) >= ENOUGH and not self.is_number()

    def is_long_text(self) -> bool:
        """Texts of some length, on average."""
        return self.is_text() and sum(map(len, self.cells)) > _LONG_TEXT * len(self.cells)

    def is_action(self) -> bool:
        """A few short values."""
        return self.is_fact() and 1 < len(self.different) <= _MOST_ACTIONS

    def is_time(self) -> bool:
        """Times in a layout that is known."""
        return self.layout is not None

    def is_epoch(self, field: str) -> bool:
        """Seconds or milliseconds since 1970, where the field is a time."""
        return field == "ts" and self.layout in ("epoch_s", "epoch_ms")

    def _share(self, test: Callable[[Any], bool]) -> float:
        return sum(map(test, self.cells)) / len(self.cells) if self.cells else 0.0

    def _is_written(self, layout: str) -> bool:
        few, test = self.cells[:50], _reader(layout)
        quick = few and sum(map(test, few)) >= ENOUGH * len(few)
        return bool(quick) and self._share(test) >= ENOUGH

    def _epochs_have_hours(self) -> bool:
        day = {"epoch_s": 86_400, "epoch_ms": 86_400_000}.get(self.layout or "")
        return day is not None and any(value % day for value in self.numbers)


def _reader(layout: str) -> Callable[[Any], bool]:
    """Tell whether a cell is a time of a layout, in years that can be meant."""
    if layout in ("epoch_s", "epoch_ms"):
        unit = 1 if layout == "epoch_s" else 1000
        low, high = _SECONDS
        return lambda cell: (value := _number(cell)) is not None and low <= value / unit <= high

    def reads(cell: Any) -> bool:
        text = str(id_text(cell))
        try:
            if layout == "iso":
                return "-" in text and _YEARS[0] <= datetime.fromisoformat(text).year <= _YEARS[1]
            if "%Y" not in layout and "%y" not in layout:
                return bool(datetime.strptime(f"2000 {text}", f"%Y {layout}"))
            return _YEARS[0] <= datetime.strptime(text, layout).year <= _YEARS[1]
        except ValueError:
            return False

    return reads


def _number(cell: Any) -> float | None:
    try:
        return number(cell)
    except (ValueError, TypeError):
        return None


def _is_amount(cell: Any) -> bool:
    try:
        return abs(written_number(cell)) <= MAX_NUMBER
    except (ValueError, TypeError):
        return False


def _id_like(cell: Any) -> bool:
    whole = isinstance(cell, float) and cell.is_integer()
    text = str(cell)
    return (whole or isinstance(cell, str | int)) and len(text) <= MAX_ID and "{" not in text


def _is_scalar(cell: Any) -> bool:
    return not isinstance(cell, list | dict | date)
