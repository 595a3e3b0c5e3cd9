"""Which trait a public field belongs to, and the value that its text stands for."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from profiles.traits.catalogue import Catalogue, Trait, TraitType
from profiles.traits.document import names_of
from schemas.errors import PortraitError


class FieldTextError(PortraitError):
    """A field's text is not of its trait's type; evidence: `field`, `value`, `expected`."""


class FieldTraits:
    """Finds the trait of a field: by its name, or by the family it belongs to.

    >>> from profiles.traits import catalogue
    >>> traits = FieldTraits(catalogue())
    >>> traits.of("revenue.EUR").name, traits.of("top_item.2").name, traits.of("no such field")
    ('revenue.<CUR>', 'top_item.<1-2>', None)
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._known: dict[str, Trait | None] = {
            name: each for each in catalogue.traits for name in names_of(each)
        }
        self._families = [
            (_pattern(each.name), each) for each in catalogue.traits if not names_of(each)
        ]

    def of(self, field: str) -> Trait | None:
        """Return the trait that declares a field, None where none does."""
        try:
            return self._known[field]
        except KeyError:
            return self._of_family(field)

    def _of_family(self, field: str) -> Trait | None:
        """Look a family's member up; the families are few, their members may be many."""
        matches = (each for pattern, each in self._families if pattern.fullmatch(field))
        return next(matches, None)


def plain_value(field: str, declared: Trait | None, text: str) -> Any:
    """Return what a field's text stands for: int, float, Decimal, datetime (UTC), bool or text.

    Raises:
        FieldTextError: the text is not of the trait's type.

    >>> plain_value("orders", Trait("orders", "count", "", "", "", ()), "34")
    34
    """
    if declared is None:
        return text
    try:
        return VALUES[declared.type](text)
    except (ValueError, ArithmeticError) as error:
        raise FieldTextError(
            "a field holds something else than its trait says",
            field=field,
            value=text,
            expected=declared.type,
        ) from error


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _pattern(name: str) -> re.Pattern[str]:
    """Match the members of a family: anything may stand for a name in angle brackets."""
    return re.compile(".+".join(map(re.escape, re.split("<[^>]+>", name))))


VALUES: dict[TraitType, Callable[[str], Any]] = {
    "count": int,
    "number": float,
    "ratio": float,
    "money": Decimal,
    "time": datetime.fromisoformat,
    "text": str,
    "flag": _flag,
}
"""How a field of each type is read: the inverse of `catalogue.TEXTS`."""
