"""Facts that a customer, or the shop, has stated."""

from typing import Any

from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, number_text
from profiles.view import View

MAX_LIST = 8
"""Entries shown of a list such as interests, each in a field of its own."""


def _known(view: View, _context: Context) -> Fields:
    fields: Fields = {}
    for name, (_, _, known) in view.customer.values.items():
        if name.startswith("consent."):
            fields[name] = _text(known)
        elif isinstance(known, list):
            for place, entry in enumerate(known[:MAX_LIST], start=1):
                fields[f"fact.{name}.{place}"] = _text(entry)
        else:
            fields[f"fact.{name}"] = _text(known)
    return fields


def _text(known: Any) -> str:
    if isinstance(known, bool):
        return "true" if known else "false"
    if isinstance(known, int | float):
        return number_text(known)
    return name_text(str(known))


_KEPT = "48 facts and consents"
_SOURCES: Sources = ("customer",)

KNOWN = TraitGroup(
    (
        Trait("fact.<name>", "text", "as sent", "latest stated fact", "客户属性", _SOURCES, _KEPT),
        Trait("fact.interests.<1-8>", "text", "as sent", "interests", "兴趣", _SOURCES, "first 8"),
        Trait("consent.<purpose>", "flag", "", "latest stated consent", "授权", _SOURCES, _KEPT),
    ),
    _known,
)
