"""Facts that a customer, or the shop, has stated."""

from typing import Any

from profiles.sections.customer import CONSENT, Fact
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, number_text
from profiles.view import View

MAX_LIST = 5
"""Entries shown of a list such as interests, each in a field of its own."""

MAX_CONSENTS = 8
"""Consents shown, the first by name; more are kept."""


def _known(view: View, _context: Context) -> Fields:
    known = sorted(view.customer.known())
    consents = [fact for fact in known if fact.name.startswith(CONSENT)]
    facts = [fact for fact in known if not fact.name.startswith(CONSENT)]
    fields = {fact.name: _text(fact.value) for fact in consents[:MAX_CONSENTS]}
    for fact in facts:
        fields |= _fact(fact)
    return fields | _sources(facts)


def _fact(fact: Fact) -> Fields:
    if isinstance(fact.value, list):
        entries = enumerate(fact.value[:MAX_LIST], start=1)
        return {f"fact.{fact.name}.{place}": _text(entry) for place, entry in entries}
    return {f"fact.{fact.name}": _text(fact.value)}


def _sources(facts: list[Fact]) -> Fields:
    """Name who stated the facts, each once, whoever did last first."""
    latest: dict[str, int] = {}
    for fact in facts:
        latest[fact.source] = max(fact.ts, latest.get(fact.source, fact.ts))
    named = sorted((-ts, source) for source, ts in latest.items() if source)
    return {"facts.source": name_text(", ".join(source for _, source in named))} if named else {}


def _text(known: Any) -> str:
    if isinstance(known, bool):
        return "true" if known else "false"
    if isinstance(known, int | float):
        return number_text(known)
    return name_text(str(known))


_KEPT = "48 facts and consents"
_SHOWN = "48 facts and consents, 8 consents shown"
_BY = "who stated the facts, latest first"
_FROM: Sources = ("customer",)

KNOWN = TraitGroup(
    (
        Trait("fact.<name>", "text", "as sent", "latest stated fact", "客户属性", _FROM, _KEPT),
        Trait("fact.interests.<1-5>", "text", "as sent", "interests", "兴趣", _FROM, "first 5"),
        Trait("facts.source", "text", "names", _BY, "属性来源", _FROM, "first 64 bytes"),
        Trait("consent.<purpose>", "flag", "", "latest stated consent", "授权", _FROM, _SHOWN),
    ),
    _known,
)
