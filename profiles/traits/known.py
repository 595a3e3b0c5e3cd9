"""Facts that a customer, or the shop, has stated."""

from typing import Any

from profiles.sections.customer import CustomerFacts
from profiles.traits.text import name_text, number_text

MAX_LIST = 8
"""Entries shown of a list such as interests, each in a field of its own."""


def known_facts(facts: CustomerFacts) -> dict[str, str]:
    """Return `fact.<name>` for every known fact and `consent.<purpose>` for every consent."""
    fields: dict[str, str] = {}
    for name, (_, _, known) in facts.values.items():
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
