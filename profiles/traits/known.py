"""Facts that a customer, or the shop, has stated."""

from typing import Any

from profiles.sections.customer import CONSENT
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, number_text
from profiles.view import View

MAX_LIST = 3
"""Entries shown of a list such as interests, each in a field of its own."""

MAX_CONSENTS = 4
"""Consents shown, the first by name; more are kept."""


def _known(view: View, _context: Context) -> Fields:
    consents: Fields = {}
    facts: Fields = {}
    sources: dict[str, None] = {}  # in order, each once
    for _, source, stated in view.customer.statements:  # latest first
        for name, value in stated.items():
            if name.startswith(CONSENT):
                consents[name] = _text(value)
            else:
                _put(facts, f"fact.{name}", value)
                sources[source] = None
    shown = {name: consents[name] for name in sorted(consents)[:MAX_CONSENTS]}
    return facts | shown | _named([source for source in sources if source])


def _put(facts: Fields, name: str, value: Any) -> None:
    if isinstance(value, list):
        for place, entry in enumerate(value[:MAX_LIST], start=1):
            facts[f"{name}.{place}"] = _text(entry)
    else:
        facts[name] = _text(value)


def _named(sources: list[str]) -> Fields:
    return {"facts.source": name_text(", ".join(sources))} if sources else {}


def _text(known: Any) -> str:
    if isinstance(known, bool):
        return "true" if known else "false"
    if isinstance(known, int | float):
        return number_text(known)
    return name_text(str(known))


_KEPT = "48 facts and consents"
_SHOWN = "48 facts and consents, 4 consents shown"
_BY = "who stated the facts, latest first"
_FROM: Sources = ("customer",)

KNOWN = TraitGroup(
    (
        Trait("fact.<name>", "text", "as sent", "latest stated fact", "客户属性", _FROM, _KEPT),
        Trait("fact.interests.<1-3>", "text", "as sent", "interests", "兴趣", _FROM, "first 3"),
        Trait("facts.source", "text", "names", _BY, "属性来源", _FROM, "first 64 bytes"),
        Trait("consent.<purpose>", "flag", "", "latest stated consent", "授权", _FROM, _SHOWN),
    ),
    _known,
)
