"""Profiles, turned into one column of values a field; a pass over many need not keep any."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from profiles.traits.catalogue import Catalogue, Trait, TraitType
from profiles.traits.fields import VALUES, FieldTraits

MAX_FIELDS = 512
"""Fields looked at: families may have members without number, such as consents."""

Floats = NDArray[np.float64]


class NumberColumn:
    """A numeric field; times are seconds since 1970."""

    def __init__(self, trait: Trait) -> None:
        self.trait = trait
        self._rows = array("i")
        self._values = array("d")
        self._read = _seconds if trait.type == "time" else float

    def add(self, row: int, text: str) -> None:
        """Take in a finite number."""
        value = self._read(text)
        if not isfinite(value):
            raise ValueError(text)
        self._rows.append(row)
        self._values.append(value)

    @property
    def n(self) -> int:
        """How many have it."""
        return len(self._values)

    @property
    def values(self) -> Floats:
        """Those that there are (n)."""
        return np.array(self._values)

    def dense(self, rows: int) -> Floats:
        """Return a value for each of `rows` customers, NaN where there is none."""
        found = np.full(rows, np.nan)
        found[np.array(self._rows, dtype=np.intp)] = self._values
        return found


class TextColumn:
    """A field of text: how often each value occurs."""

    def __init__(self, trait: Trait) -> None:
        self.trait = trait
        self.counts: Counter[str] = Counter()

    @property
    def n(self) -> int:
        """How many have it."""
        return self.counts.total()

    def add(self, row: int, text: str) -> None:
        """Take in a text."""
        self.counts[text] += 1


class FlagColumn:
    """A field that is true or false."""

    def __init__(self, trait: Trait) -> None:
        self.trait = trait
        self.counts = {True: 0, False: 0}

    @property
    def n(self) -> int:
        """How many have it."""
        return sum(self.counts.values())

    def add(self, row: int, text: str) -> None:
        """Take in a flag."""
        self.counts[VALUES["flag"](text)] += 1


AnyColumn = NumberColumn | TextColumn | FlagColumn
COLUMNS: dict[TraitType, type[NumberColumn] | type[TextColumn] | type[FlagColumn]] = {
    "text": TextColumn,
    "flag": FlagColumn,
}
"""All other types are numeric."""


class Columns:
    """Takes in profiles; fields that the catalogue does not know are passed over.

    >>> from profiles.traits import catalogue
    >>> columns = Columns(catalogue())
    >>> columns.add([{"orders": "3"}, {"orders": "many"}, {}])
    >>> columns.rows, columns.unreadable, columns.numbers["orders"].values.tolist()
    (3, 1, [3.0])
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.rows = 0
        self.unreadable = 0
        self._traits = FieldTraits(catalogue)
        self._order = {each.name: place for place, each in enumerate(catalogue.traits)}
        self._columns: dict[str, AnyColumn | None] = {}

    def add(self, profiles: Iterable[Mapping[str, str]]) -> None:
        """Take in profiles, each of another customer."""
        columns = self._columns
        for profile in profiles:
            row = self.rows
            for field, text in profile.items():
                column = columns[field] if field in columns else self._open(field)
                if column is not None:
                    try:
                        column.add(row, text)
                    except ValueError:  # of another version, or of somebody else
                        self.unreadable += 1
            self.rows += 1

    @property
    def fields(self) -> dict[str, AnyColumn]:
        """The columns by field, in the order of the catalogue; those that hold nothing left out."""
        known = {field: column for field, column in self._columns.items() if column and column.n}
        order = sorted(known, key=lambda field: (self._order[known[field].trait.name], field))
        return {field: known[field] for field in order}

    @property
    def numbers(self) -> dict[str, NumberColumn]:
        """The numeric ones of these."""
        fields = self.fields.items()
        return {field: column for field, column in fields if isinstance(column, NumberColumn)}

    def _open(self, field: str) -> AnyColumn | None:
        if len(self._columns) >= MAX_FIELDS:
            return None
        trait = self._traits.of(field)
        column = trait and COLUMNS.get(trait.type, NumberColumn)(trait)
        self._columns[field] = column
        return column


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
