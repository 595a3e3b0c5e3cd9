"""Facts: the mergeable part of a section, declared field by field."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar, Self

from profiles.sections.monoids import EARLIEST, LATEST, LEAST, Monoid
from profiles.sketches.decayed import HALF_LIFE_MS
from schemas.examples import AskedAt

SPAN: dict[str, Monoid] = {"first_seen": LEAST, "last_seen": LATEST}
"""Earliest and latest event time (ms), common to all kinds of facts; None before any event."""


class Facts:
    """Base of all kinds of facts; `LAYOUT` names each field and how it merges.

    A subclass adds `fold`, which counts one validated event of its topic, once, and `events`, the
    number of events that it has counted. Times (`EARLIEST`, `LATEST`) are written as ms after
    `first_seen`: most customers are young, and small numbers are short.
    """

    __slots__ = ("first_seen", "last_seen")

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN
    IDS: ClassVar[tuple[int, int]] = 32, 96
    """Event ids remembered against duplicates: in any case, and of the latest weeks."""

    first_seen: int | None
    last_seen: int | None

    _values: ClassVar[Callable[[Any], tuple[Any, ...]]]
    _packs: ClassVar[list[tuple[int, Callable[[Any], Any]]]]
    _unpacks: ClassVar[list[tuple[int, Callable[[Any], Any]]]]
    _later: ClassVar[list[int]]

    def __init_subclass__(cls) -> None:
        """Prepare what every section is read and written with."""
        monoids = list(enumerate(cls.LAYOUT.values()))
        cls._values = attrgetter(*cls.LAYOUT)
        cls._packs = [(place, each.pack) for place, each in monoids if each.pack]
        cls._unpacks = [(place, each.unpack) for place, each in monoids if each.unpack]
        cls._later = [place for place, each in monoids if each in (EARLIEST, LATEST)]

    def __init__(self) -> None:
        for name, monoid in self.LAYOUT.items():
            setattr(self, name, monoid.empty())

    @property
    def events(self) -> int:
        """Events counted."""
        raise NotImplementedError

    def fold(self, event: Any, half_life_ms: int = HALF_LIFE_MS, /) -> AskedAt | None:
        """Count one event; tell which moment to learn from it is (`update.Moment`).

        What it says about tastes weighs half after `half_life_ms`, the same for all of a log.
        """
        raise NotImplementedError

    def see(self, ts: int) -> None:
        """Widen the span to event time `ts` (ms)."""
        if self.first_seen is None or self.last_seen is None:
            self.first_seen = self.last_seen = ts
        elif ts > self.last_seen:
            self.last_seen = ts
        elif ts < self.first_seen:
            self.first_seen = ts

    def merged(self, other: Self) -> Self:
        """Return the facts of both logs together."""
        result = type(self).__new__(type(self))
        for name, monoid in self.LAYOUT.items():
            setattr(result, name, monoid.merge(getattr(self, name), getattr(other, name)))
        return result

    def pack(self) -> list[Any]:
        """Return plain values in the order of `LAYOUT`."""
        values = list(type(self)._values(self))
        for place, pack in self._packs:
            values[place] = pack(values[place])
        first = values[0]
        for place in self._later:
            if values[place] is not None:
                values[place] -= first
        return values

    @classmethod
    def unpack(cls, values: list[Any]) -> Self:
        """Read what `pack` wrote."""
        facts = cls.__new__(cls)
        for place, unpack in cls._unpacks:
            values[place] = unpack(values[place])
        first = values[0]
        for place in cls._later:
            if values[place] is not None:
                values[place] += first
        for name, value in zip(cls.LAYOUT, values, strict=True):
            setattr(facts, name, value)
        return facts
