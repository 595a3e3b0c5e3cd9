"""Conditions on rows, decided for a whole column at a time."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .spec import Cell, Condition
from .values import cell_text, number

Columns = Mapping[str, Sequence[Any]]
Test = Callable[[Any], bool]


def columns_of(condition: Condition) -> Iterator[str]:
    """Name the columns that a condition reads."""
    if condition.column is not None:
        yield condition.column
    for part in condition.all or condition.any or ():
        yield from columns_of(part)


def holds(condition: Condition, columns: Columns) -> list[bool]:
    """Say for each row whether the condition holds. An absent cell is only ever
    `present = false`."""
    if condition.column is None:
        decide = all if condition.all is not None else any
        parts = [holds(part, columns) for part in condition.all or condition.any or ()]
        return [decide(row) for row in zip(*parts, strict=True)]
    tests = list(_tests(condition))
    cells = columns[condition.column]
    if condition.present is False:
        return [cell is None for cell in cells]
    if len(tests) == 1:
        (test,) = tests
        return [cell is not None and test(cell) for cell in cells]
    return [cell is not None and all(test(cell) for test in tests) for cell in cells]


def _tests(condition: Condition) -> Iterator[Test]:
    if condition.equals is not None:
        yield _equals(condition.equals)
    if condition.not_equals is not None:
        equal = _equals(condition.not_equals)
        yield lambda cell: not equal(cell)
    if condition.in_ is not None:
        options = [_equals(option) for option in condition.in_]
        yield lambda cell: any(option(cell) for option in options)
    if condition.starts_with is not None:
        prefix = condition.starts_with
        yield lambda cell: str(cell).startswith(prefix)
    if condition.matches is not None:
        pattern = re.compile(condition.matches)
        yield lambda cell: pattern.search(str(cell)) is not None
    yield from _comparisons(condition)


def _comparisons(condition: Condition) -> Iterator[Test]:
    if (lt := condition.lt) is not None:
        yield _compare(lambda value: value < lt)
    if (le := condition.le) is not None:
        yield _compare(lambda value: value <= le)
    if (gt := condition.gt) is not None:
        yield _compare(lambda value: value > gt)
    if (ge := condition.ge) is not None:
        yield _compare(lambda value: value >= ge)


def _compare(test: Callable[[float], bool]) -> Test:
    def compare(cell: Any) -> bool:
        try:
            return test(number(cell))
        except (ValueError, TypeError):
            return False

    return compare


def _equals(expected: Cell) -> Test:
    """Numbers are compared as numbers, everything else as text: `equals = "0"` fits 0 and "0".

    A flag is written in small letters or not: `equals = true` fits true, "true" and "TRUE".
    """
    if isinstance(expected, bool):
        flag = cell_text(expected)
        return lambda cell: cell_text(cell).lower() == flag
    if isinstance(expected, str):
        return lambda cell: cell_text(cell) == expected
    return _compare(lambda value: value == expected)
