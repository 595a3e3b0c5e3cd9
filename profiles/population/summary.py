"""From profiles to the figures of a population: a pure function, and what it is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from profiles.population.columns import AnyColumn, Columns, FlagColumn, NumberColumn, TextColumn
from profiles.population.correlation import correlations
from profiles.population.figures import Categories, Correlation, Figures, Population
from profiles.population.numbers import numbers_of
from profiles.traits.catalogue import Catalogue

TOP_CATEGORIES = 20


def summarize(profiles: Iterable[Mapping[str, str]], catalogue: Catalogue) -> Population:
    """Return the figures of all fields of these profiles.

    >>> from profiles.traits import catalogue
    >>> population = summarize([{"orders": "3"}, {"orders": "4"}, {}], catalogue())
    >>> population.figures["orders"].n, population.figures["orders"].numbers.mean
    (2, 3.5)
    """
    columns = Columns(catalogue)
    columns.add(profiles)
    return population_of(columns)


def population_of(columns: Columns, customers: int | None = None) -> Population:
    """Return the figures of profiles taken in, a sample of `customers` (default: all there are)."""
    return Population(
        at=moment(columns),
        sampled=columns.rows,
        customers=columns.rows if customers is None else customers,
        unreadable=columns.unreadable,
        figures={name: _figures(c, columns.rows) for name, c in columns.fields.items()},
        correlations=_correlations(columns),
    )


def moment(columns: Columns) -> int:
    """Return the event time (ms) that nearly all profiles speak of, 0 where there are none.

    It is the 99th percentile, so that no few events from the future can move it.
    """
    found = columns.numbers.get("as_of") or columns.numbers.get("last_seen")
    return int(np.quantile(found.values, 0.99, method="higher")) * 1000 if found else 0


def _figures(column: AnyColumn, rows: int) -> Figures:
    trait, n = column.trait, column.n
    missing = 1 - n / rows
    figures = Figures(trait.name, trait.type, trait.unit, n, missing)
    match column:
        case NumberColumn():
            return replace(figures, numbers=numbers_of(column.values))
        case TextColumn():
            return replace(figures, categories=_categories(column))
        case FlagColumn():
            return replace(figures, share=column.counts[True] / n)


def _categories(column: TextColumn) -> Categories:
    top = dict(sorted(column.counts.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP_CATEGORIES])
    return Categories(len(column.counts), top, column.n - sum(top.values()))


def _correlations(columns: Columns) -> list[Correlation]:
    """Correlate the numeric fields; those that only tell a time or a version are left out."""
    numbers = {
        field: column
        for field, column in columns.numbers.items()
        if column.trait.type != "time" and column.trait.unit != "version"
    }
    if not numbers:
        return []
    values = np.column_stack([column.dense(columns.rows) for column in numbers.values()])
    return correlations(list(numbers), values)
