"""The catalogue of traits: what a field means, and the function that derives it.

A *group* derives several fields at once from the same figures; most traits live in one. A trait
of its own is a function with the `trait` decorator (docs/how-to-add-a-trait.md).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from profiles.nearest import perhaps
from profiles.sections.aspects import ALL, NONE
from profiles.traits.edges import RfmEdges
from profiles.traits.parts import Fields as Fields  # named by every group
from profiles.traits.parts import Parts, joined
from profiles.traits.text import money_text, name_text, number_text, ratio_text, time_text
from profiles.view import View
from schemas.errors import PortraitError
from schemas.topics import Kind

Sources = tuple[Kind, ...]
"""Kinds of section that a trait is derived from."""

TraitType = Literal["count", "number", "ratio", "money", "time", "text", "flag"]


class Context(NamedTuple):
    """What a derivation needs beside the customer: the moment it speaks of, and the shop.

    `as_of` is event time in ms: the customer's latest event, or later when silence is looked at.
    `edges` are the population's fifths, None before they are known.
    """

    as_of: int
    base_currency: str = ""
    edges: RfmEdges | None = None


class Trait(NamedTuple):
    """One field of the public profile, or a family of them (`top_item.<1-2>`, `revenue.<CUR>`).

    `sources` are the kinds of section it is derived from; `exactness` says how far it can be
    relied upon.
    """

    name: str
    type: TraitType
    unit: str
    en: str
    zh: str
    sources: Sources
    exactness: str = "exact"
    range: str = "0.."


Derive = Callable[[View, Context], Fields]


class TraitGroup(NamedTuple):
    """Traits with the function that derives them; a field is absent where there is none.

    A `timeless` group looks at the sources that its traits name and at nothing else, the base
    currency aside; so it is derived again only when one of these has changed. `aspects` are those
    that it looks at beside plain counts (`profiles.sections.aspects`).
    """

    traits: tuple[Trait, ...]
    derive: Derive
    timeless: bool = False
    aspects: int = ALL


class Known(NamedTuple):
    """What a customer's fields were before the sections of kind `changed` moved on."""

    parts: Parts
    changed: str


UNKNOWN = Known([], "")
"""Nothing has been derived yet."""


class TraitError(PortraitError):
    """A trait that is declared twice, or in a way that a public field cannot have."""


def trait(
    name: str,
    type_: TraitType,
    *,
    unit: str,
    en: str,
    zh: str,
    sources: Sources,
    exactness: str = "exact",
    range_: str = "0..",
    timeless: bool = False,
) -> Callable[[Callable[[View, Context], Any]], TraitGroup]:
    """Make a trait of a function that returns its plain value, or None for no field.

    A count is an int, money an int of 1e-4 units, a time epoch ms, a flag a bool. `timeless`
    promises that it looks at `sources` alone (`TraitGroup`).

    >>> @trait("lines_bought", "count", unit="lines", en="lines", zh="行数", sources=("purchase",))
    ... def lines_bought(view, context):
    ...     return view.purchase.lines or None
    >>> lines_bought.traits[0].name
    'lines_bought'
    """
    declared = Trait(name, type_, unit, en, zh, sources, exactness, range_)
    text = TEXTS[type_]

    def group(derive_value: Callable[[View, Context], Any]) -> TraitGroup:
        def derive_field(view: View, context: Context) -> Fields:
            value = derive_value(view, context)
            return {} if value is None else {name: text(value)}

        return TraitGroup((declared,), derive_field, timeless)

    return group


class Catalogue:
    """All traits of a profile, in the order in which people read them."""

    def __init__(self, groups: Iterable[TraitGroup]) -> None:
        self.groups: Sequence[TraitGroup] = tuple(groups)
        self._sources = [
            frozenset(source for declared in group.traits for source in declared.sources)
            for group in self.groups
        ]
        self.traits = [declared for group in self.groups for declared in group.traits]
        names = [declared.name for declared in self.traits]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise TraitError("traits declared twice", value=twice, expected="one of each")

    def only(self, names: Collection[str]) -> "Catalogue":
        """Return the groups in which these traits are, whole, since a group is derived at once.

        Raises:
            TraitError: a name that no trait has.
        """
        known = [declared.name for declared in self.traits]
        unknown = sorted(set(names) - set(known))
        if unknown:
            expected = f"names of docs/traits.md{perhaps(unknown, known)}"
            raise TraitError("unknown traits", value=unknown, expected=expected)
        return Catalogue(
            group for group in self.groups if any(t.name in names for t in group.traits)
        )

    @property
    def aspects(self) -> int:
        """What sections must keep for these traits, beside plain counts."""
        needed = NONE
        for group in self.groups:
            needed |= group.aspects
        return needed

    def derive(self, view: View, context: Context) -> Fields:
        """Return the public fields of a customer, models' scores not among them."""
        return joined(self.parts([view], [context], [UNKNOWN])[0]) if view.events else {}

    def parts(
        self, views: Sequence[View], contexts: Sequence[Context], known: Sequence[Known]
    ) -> list[Parts]:
        """Return by group the fields of many customers who have events; what stands is kept.

        Group by group, since that is a third faster than customer by customer.
        """
        customers = list(zip(views, contexts, known, strict=True))
        columns = [self._column(place, customers) for place in range(len(self.groups))]
        return list(map(list, zip(*columns, strict=True)))

    def _column(self, place: int, customers: list[tuple[View, Context, Known]]) -> list[Fields]:
        """Derive one group for all customers: a timeless one where its sources have changed."""
        group, sources = self.groups[place], self._sources[place]
        if not group.timeless:
            return [group.derive(view, context) for view, context, _ in customers]
        return [
            known.parts[place]
            if known.parts and known.changed not in sources
            else group.derive(view, context)
            for view, context, known in customers
        ]


def _flag_text(value: bool) -> str:
    return "true" if value else "false"


TEXTS: dict[TraitType, Callable[[Any], str]] = {
    "count": str,
    "number": number_text,
    "ratio": ratio_text,
    "money": money_text,
    "time": time_text,
    "text": name_text,
    "flag": _flag_text,
}
"""How a value of each type stands in a field."""
