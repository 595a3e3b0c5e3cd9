"""Facts: the mergeable part of a section, declared field by field."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, Self

from profiles.sections import aspects
from profiles.sections.monoids import EARLIEST, LATEST, LEAST, Monoid
from profiles.sketches.decayed import HALF_LIFE_MS
from schemas.examples import AskedAt

SPAN: dict[str, Monoid] = {"first_seen": LEAST, "last_seen": LATEST}
"""Earliest and latest event time (ms), common to all kinds of facts; None before any event."""


Row = list[Any]
"""A value for every field of `LAYOUT`, in its order."""


class Form(NamedTuple):
    """How facts that keep some aspects are made and written: by the places of the kept fields.

    `blanks` are empty elements of all fields, which those left out share; `empties` make those
    that are changed in place. `packs`, `unpacks` and `times` count places among the kept alone.
    """

    values: Callable[[Any], tuple[Any, ...]]
    places: list[int]
    blanks: Row
    empties: list[tuple[int, Callable[[], Any]]]
    packs: list[tuple[int, Callable[[Any], Any]]]
    unpacks: list[tuple[int, Callable[[Any], Any]]]
    times: list[int]

    @classmethod
    def of(cls, layout: dict[str, Monoid], needs: dict[str, int], keeps: int) -> "Form":
        """Return the form of facts with this layout, whose fields are of the aspects `needs`."""
        names = [name for name in layout if not needs.get(name, aspects.NONE) & ~keeps]
        kept = [layout[name] for name in names]
        places = [place for place, name in enumerate(layout) if name in names]
        blanks = [monoid.empty() for monoid in layout.values()]
        return cls(
            attrgetter(*names),
            places,
            blanks,
            [(p, m.empty) for p, m in zip(places, kept, strict=True) if blanks[p] not in (0, None)],
            [(place, each.pack) for place, each in enumerate(kept) if each.pack],
            [(place, each.unpack) for place, each in enumerate(kept) if each.unpack],
            [place for place, each in enumerate(kept) if each in (EARLIEST, LATEST)],
        )


class Facts:
    """Base of all kinds of facts; `LAYOUT` names each field and how it merges.

    A subclass adds `fold`, which counts one validated event of its topic, once, and `events`, the
    number of events that it has counted. Fields that `NEEDS` names belong to an aspect and stay
    empty unless the facts keep it. Times (`EARLIEST`, `LATEST`) are written as ms after
    `first_seen`: most customers are young, and small numbers are short.
    """

    __slots__ = ("first_seen", "keeps", "last_seen")

    LAYOUT: ClassVar[dict[str, Monoid]] = SPAN
    NEEDS: ClassVar[dict[str, int]] = {}
    IDS: ClassVar[tuple[int, int]] = 32, 96
    """Event ids remembered against duplicates: in any case, and of the latest weeks."""

    first_seen: int | None
    last_seen: int | None
    keeps: int

    _forms: ClassVar[dict[int, Form]]

    def __init_subclass__(cls) -> None:
        """Prepare to remember how sections of this kind are read and written."""
        cls._forms = {}

    def __init__(self, keeps: int = aspects.ALL) -> None:
        form = self._form(keeps)
        row = form.blanks.copy()
        for place, empty in form.empties:
            row[place] = empty()
        self.keeps = keeps
        self._fill(row)

    @property
    def events(self) -> int:
        """Events counted."""
        raise NotImplementedError

    def fold(self, event: dict[str, Any], half_life_ms: int = HALF_LIFE_MS, /) -> AskedAt | None:
        """Count one event; tell which moment to learn from it is (`changes.Moment`).

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
        result.keeps = self.keeps
        sides = [(getattr(self, name), getattr(other, name)) for name in self.LAYOUT]
        monoids = self.LAYOUT.values()
        result._fill([each.merge(*side) for each, side in zip(monoids, sides, strict=True)])
        return result

    def pack(self) -> list[Any]:
        """Return plain values of the kept fields in the order of `LAYOUT`."""
        form = self._form(self.keeps)
        values = list(form.values(self))
        for place, pack in form.packs:
            values[place] = pack(values[place])
        first = values[0]
        for place in form.times:
            if values[place] is not None:
                values[place] -= first
        return values

    @classmethod
    def unpack(cls, values: list[Any], keeps: int = aspects.ALL) -> Self:
        """Read what `pack` of facts that keep the same wrote."""
        form = cls._form(keeps)
        for place, unpack in form.unpacks:
            values[place] = unpack(values[place])
        first = values[0]
        for place in form.times:
            if values[place] is not None:
                values[place] += first
        facts = cls.__new__(cls)
        facts.keeps = keeps
        facts._fill(values if keeps == aspects.ALL else _row(form, values))
        return facts

    @classmethod
    def _form(cls, keeps: int) -> Form:
        form = cls._forms.get(keeps)
        if form is None:
            form = cls._forms[keeps] = Form.of(cls.LAYOUT, cls.NEEDS, keeps)
        return form

    def _fill(self, row: Row) -> None:
        """Set every field of `LAYOUT`: by their names, since in a loop it takes thrice as long."""
        raise NotImplementedError


def _row(form: Form, kept: list[Any]) -> Row:
    row = form.blanks.copy()
    for place, value in zip(form.places, kept, strict=True):
        row[place] = value
    return row
