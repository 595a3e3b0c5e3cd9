"""Preprocessing at work: the values of a field in the order of their rows, every deed counted.

What is computed from the values seen so far depends on the rows before and on nothing else: not on
how the table is cut into chunks, nor on a clock.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from math import ceil, floor, log1p
from typing import Any, Final

from schemas.fields import MAX_NUMBER

from .preprocess import NUMERIC, WHOLE, FieldSpec, Missing, Outliers
from .running import Limits, Mode, Moments, Sample
from .values import number

DROP: Final = object()
"""In the place of a value: its event is not sent."""

_DIGITS: Final = 4  # after the point of a computed value, as money has in profiles
_NORMALIZED: Final = ".3e"

Counts = Counter[str]


class FieldCleaner:
    """What `[preprocess.<field>]` asks, done to one field of one kind of event.

    >>> counts = Counter()
    >>> cleaner = FieldCleaner("price", FieldSpec(missing=Missing(way="mean")), counts)
    >>> cleaner.clean([None, "2", 4.0, None])
    [None, '2', 4.0, 3.0]
    >>> dict(counts)
    {'missing_left': 1, 'missing_filled': 1}
    """

    def __init__(self, field: str, spec: FieldSpec, counts: Counts) -> None:
        self._numeric = field in NUMERIC
        self._fill = _Fill(spec.missing, field in WHOLE, counts)
        asked = spec.outliers
        self._judge = _Judge(asked, field in WHOLE, counts) if asked else None
        self._scale = spec.normalize and _Scale(spec.normalize, counts)

    def clean(self, cells: Sequence[Any]) -> list[Any]:
        """The values as they travel; `DROP` stands for an event that does not."""
        return [self._clean(cell) for cell in cells]

    def _clean(self, cell: Any) -> Any:
        if cell is None:
            cell = self._fill()
            return cell if cell is None or cell is DROP else self._scaled(cell)
        if self._judge is not None and (value := _number(cell)) is not None:
            cell = self._judge(cell, value)
        self._fill.see(_number(cell) if self._numeric else _word(cell))
        return self._scaled(cell)

    def _scaled(self, cell: Any) -> Any:
        if self._scale is None or (value := _number(cell)) is None:
            return cell
        return self._scale(cell, value)


class _Fill:
    """What takes the place of an absent value: a constant, or what the values so far suggest."""

    def __init__(self, spec: Missing, whole: bool, counts: Counts) -> None:
        self._spec, self._whole, self._counts = spec, whole, counts
        self._seen = _MEMORIES[spec.way]() if spec.way in _MEMORIES else None

    def see(self, value: Any) -> None:
        if self._seen is not None and value is not None:
            self._seen.add(value)

    def __call__(self) -> Any:
        value = self._value()
        deed = "left" if value is None else "dropped" if value is DROP else "filled"
        self._counts[f"missing_{deed}"] += 1
        return value

    def _value(self) -> Any:
        if self._spec.way == "drop":
            return DROP
        if self._spec.default is not None:
            return self._spec.default
        if self._seen is None or not self._seen.count:
            return None
        value = self._seen.typical()
        if self._spec.way == "mode":
            return value
        return round(value) if self._whole else round(value, _DIGITS)


_MEMORIES: Final[dict[str | None, Callable[[], Moments | Sample | Mode]]] = {
    "mean": Moments,
    "median": Sample,
    "mode": Mode,
}


class _Judge:
    """Finds values that are far out, by the values before them, and does with them as asked."""

    def __init__(self, spec: Outliers, whole: bool, counts: Counts) -> None:
        self._spec, self._whole, self._counts = spec, whole, counts
        self._seen = Sample()

    def __call__(self, cell: Any, value: float) -> Any:
        limits = self._limits()
        self._seen.add(value)  # far out or not: quartiles and medians bear it
        if limits is None or limits.low <= value <= limits.high:
            return cell
        match self._spec.action:
            case "flag":
                self._counts["outliers_flagged"] += 1
                return cell
            case "clip":
                self._counts["outliers_clipped"] += 1
                return self._clipped(value, limits)
            case "reject":
                self._counts["outliers_rejected"] += 1
                # a list fits no number's field, so validation refuses the event and shows this
                return ["outlier", value, f"beyond {limits.low:.6g} to {limits.high:.6g}"]

    def _limits(self) -> Limits | None:
        if self._seen.count < self._spec.after:
            return None
        if self._spec.fence is not None:
            return self._seen.fence(self._spec.fence)
        return self._seen.robust_limits(self._spec.robust_z or 0)

    def _clipped(self, value: float, limits: Limits) -> float:
        nearest, inwards = (limits.low, ceil) if value < limits.low else (limits.high, floor)
        return inwards(nearest) if self._whole else round(nearest, _DIGITS)


class _Scale:
    """Puts a number on another scale, by the numbers so far, its own included.

    It travels as text with an exponent, as a band does: the fact's own numbers are years, money or
    people, and it is none of them.
    """

    def __init__(self, way: str, counts: Counts) -> None:
        self._way, self._counts = way, counts
        self._seen = Moments()

    def __call__(self, cell: Any, value: float) -> Any:
        self._seen.add(value)
        if self._way == "log" and value < 0:
            return cell
        self._counts["normalized"] += 1
        return format(self._scaled(value), _NORMALIZED)

    def _scaled(self, value: float) -> float:
        seen = self._seen
        match self._way:
            case "log":
                return log1p(value)
            case "min_max":
                span = seen.greatest - seen.least
                return (value - seen.least) / span if span else 0.0
            case _:
                return (value - seen.mean) / seen.sd if seen.sd else 0.0


def _number(cell: Any) -> float | None:
    """The number that a cell holds; None for a band such as 25-34, or what will be refused."""
    try:
        value = number(cell)
    except (ValueError, TypeError):
        return None
    return value if abs(value) <= MAX_NUMBER else None


def _word(cell: Any) -> Any:
    return cell if isinstance(cell, Hashable) else None
