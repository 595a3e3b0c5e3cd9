"""Facts that a customer, or the shop, has stated."""

from typing import Any

from profiles.sections import aspects
from profiles.sections.customer import CONSENT
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, number_text
from profiles.view import View

MAX_CONSENTS = 3
"""Consents shown, the first by name; more are kept."""


def _known(view: View, _context: Context) -> Fields:
    consents: Fields = {}
    facts: Fields = {}
    sources: dict[str, None] = {}  # in order, each once
    for _, source, stated in view.customer.statements:  # latest first
        for name, value in stated.items():
            if name.startswith(CONSENT):
                consents[name] = _text(value)
            elif value != []:  # no interests any more: there is nothing to say
                facts[f"fact.{name}"] = _text(value)
                sources[source] = None
    shown = {name: consents[name] for name in sorted(consents)[:MAX_CONSENTS]}
    return facts | shown | _named([source for source in sources if source])


def _named(sources: list[str]) -> Fields:
    return {"facts.source": name_text(", ".join(sources))} if sources else {}


def _text(known: Any) -> str:
    if isinstance(known, str):
        return name_text(known)
    if isinstance(known, bool):
        return "true" if known else "false"
    if isinstance(known, list):
        return name_text(", ".join(known))
    return number_text(known)


_FACT = "latest stated fact; a list (interests) in one text"
_KEPT = "48 facts and consents"
_SHOWN = "48 facts and consents, 3 consents shown"
_BY = "who stated the facts, latest first"
_FROM: Sources = ("customer",)

KNOWN = TraitGroup(
    (
        Trait("fact.<name>", "text", "as sent", _FACT, "客户属性", _FROM, _KEPT),
        Trait("facts.source", "text", "names", _BY, "属性来源", _FROM, "first 64 bytes"),
        Trait("consent.<purpose>", "flag", "", "latest stated consent", "授权", _FROM, _SHOWN),
    ),
    _known,
    timeless=True,
    aspects=aspects.STATED,
)
