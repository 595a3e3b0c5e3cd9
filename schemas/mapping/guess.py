"""Propose a mapping for a table from its columns' names and values: a start, to be read and mended.

Each column is compared with what each field is called and with what it could hold. Nothing is
looked up and nothing is learnt, so the same sample always gives the same proposal.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import StatisticsError, correlation
from typing import Any, Final, NamedTuple

from .evidence import Column
from .proposal import Found, Table, propose
from .vocabulary import NAMES, closeness, is_named

_FITS: Final[dict[str, Callable[[Column], bool]]] = {
    "customer_id": Column.is_id,
    "ts": Column.is_time,
    "order_id": Column.is_id,
    "item_id": Column.is_id,
    "quantity": Column.is_whole,
    "price": Column.is_written_number,
    "amount": Column.is_written_number,
    "discount": Column.is_number,
    "coupon": Column.is_id,
    "rating": Column.is_rating,
    "text": Column.is_text,
    "action": Column.is_action,
    "item_name": Column.is_line,
    "category": Column.is_line,
    "brand": Column.is_line,
    "query": Column.is_line,
    "reason": Column.is_line,
}
_BY_VALUES: Final = "a guess by its values"
_EPOCHS_FIRST: Final = 0.2  # of two times, the one that needs no layout is the safer
_MOST_PIECES: Final = 1_000
_GROWS_WITH: Final = 0.5  # correlation with the quantity from which money is a line's total


class _Match(NamedTuple):
    score: float
    field: str
    column: Column


def guess(sample: Mapping[str, Sequence[Any]], table: Table) -> str:
    """Write a mapping, as TOML, for a table of which `sample` holds some rows by column.

    >>> sample = {"user": ["a", "b"], "date": ["2024-05-01", "2024-05-02"], "stars": [5, 4]}
    >>> print(guess(sample, Table("reviews.csv", "2024-06-01")))
    # A proposal for reviews.csv, from 2 rows. Read it before you use it.
    <BLANKLINE>
    # Times are days, so rows alike may be different events: a row's place makes its id.
    <BLANKLINE>
    [fields]
    customer_id = "user"  # named so
    ts = { column = "date", time = "iso" }  # named so
    rating = "stars"  # named so
    <BLANKLINE>
    [[event]]
    type = "feedback"
    <BLANKLINE>
    """
    columns = [_column(name, cells) for name, cells in sample.items()]
    usable = [column for column in columns if column.cells and column.name.isprintable()]
    found = _by_name(usable) if table.has_header else {}
    found |= _by_values(usable, found, table)
    return propose(table, columns, {name: found[name] for name in NAMES if name in found})


def _column(name: str, cells: Sequence[Any]) -> Column:
    present = [cell for cell in cells if cell is not None and cell != "" and cell == cell]
    return Column(name, present, len(cells))


def _by_name(columns: list[Column]) -> dict[str, Found]:
    """Give each field the column whose name is closest, if its values fit; the closest first."""
    found: dict[str, Found] = {}
    taken: set[str] = set()
    for _, field, column in sorted(_matches(columns), key=lambda match: -match.score):
        if field == "discount" and field in found and column.name not in taken:
            found[field].also.append(column)  # several are parts of one
        elif field in found or column.name in taken:
            continue
        else:
            found[field] = Found(
                column, "named so" if is_named(field, column.name) else "by its name"
            )
        taken.add(column.name)
    return found


def _matches(columns: list[Column]) -> list[_Match]:
    scores = [(closeness(field, each.name), field, each) for field in NAMES for each in columns]
    return [
        _Match(score + _EPOCHS_FIRST * column.is_epoch(field), field, column)
        for score, field, column in scores
        if score and _FITS.get(field, Column.is_fact)(column)
    ]


def _by_values(columns: list[Column], named: Mapping[str, Found], table: Table) -> dict[str, Found]:
    """What values alone suggest: times and long texts always, all else only without a header."""
    taken = {each.name for found in named.values() for each in (found.column, *found.also)}
    left = [column for column in columns if column.name not in taken]
    found: dict[str, Column] = {}
    _take(found, left, "ts", Column.is_time)
    _take(found, left, "text", Column.is_long_text)
    if not table.has_header:
        _take(found, left, "customer_id", lambda each: each.is_id() and each.repeats())
        _take(found, left, "quantity", _could_be_pieces)
        money = next((each for each in left if each.is_number(0) and not each.is_whole()), None)
        if money is not None:
            found[_kind_of_money(money, found.get("quantity"))] = money
    return {field: Found(each, _BY_VALUES) for field, each in found.items() if field not in named}


def _could_be_pieces(column: Column) -> bool:
    return (
        column.is_number(0, _MOST_PIECES) and column.is_whole() and not column.has_zeros_in_front()
    )


def _take(
    found: dict[str, Column], left: list[Column], field: str, test: Callable[[Column], bool]
) -> None:
    column = next((column for column in left if test(column)), None)
    if column is not None:
        found[field] = column
        left.remove(column)


def _kind_of_money(money: Column, quantity: Column | None) -> str:
    """A line's total grows with the quantity, a unit price does not."""
    if quantity is None or len(quantity.numbers) != len(money.numbers):
        return "price"
    try:
        grows = correlation(quantity.numbers, money.numbers) > _GROWS_WITH
    except StatisticsError:  # all quantities alike
        return "price"
    return "amount" if grows else "price"
