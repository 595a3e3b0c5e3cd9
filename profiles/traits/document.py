"""Pages and types generated from the catalogue: docs/traits.md and profiles/typed.py.

`python -m profiles.traits.document` writes both; a test holds them to the catalogue.
"""

from pathlib import Path

from profiles.traits import catalogue
from profiles.traits.catalogue import Catalogue, Trait, TraitType

ROOT = Path(__file__).parents[2]
TRAITS_PAGE = ROOT / "docs" / "traits.md"
TYPED_MODULE = ROOT / "profiles" / "typed.py"

PYTHON_TYPES: dict[TraitType, str] = {
    "count": "int",
    "number": "float",
    "ratio": "float",
    "money": "Decimal",
    "time": "datetime",
    "text": "str",
    "flag": "bool",
}
"""What a reader gets for each type of trait."""

_PAGE = """# Traits

Every field of the public profile, generated from the catalogue (`make catalogue`).
How they are read and what their limits mean: [profiles.md](profiles.md). 由特征目录自动生成。

| field | meaning | 含义 | type | unit | range | from | exactness |
|---|---|---|---|---|---|---|---|
"""

_MODULE = '''"""The public profile as a typed dict, generated from the catalogue (`make catalogue`).

Families of fields (`revenue.<CUR>`, `fact.<name>`) have no fixed names, so they are not in it; nor
are fields that installed packages add.
"""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict

Profile = TypedDict(
    "Profile",
    {
'''


def page(traits: Catalogue) -> str:
    """Return docs/traits.md."""
    return _PAGE + "".join(map(_row, traits.traits))


def module(traits: Catalogue) -> str:
    """Return profiles/typed.py."""
    lines = [
        f'        "{name}": {PYTHON_TYPES[each.type]},\n'
        for each in traits.traits
        for name in names_of(each)
    ]
    return _MODULE + "".join(lines) + "    },\n    total=False,\n)\n"


def names_of(each: Trait) -> list[str]:
    """Return the fixed field names of a trait: itself, or its numbered places; none for others.

    >>> names_of(Trait("top_item.<1-3>.weight", "number", "", "", "", ()))
    ['top_item.1.weight', 'top_item.2.weight', 'top_item.3.weight']
    """
    before, bracket, rest = each.name.partition("<")
    if not bracket:
        return [each.name]
    inner, _, after = rest.partition(">")
    first, dash, last = inner.partition("-")
    if not (dash and first.isdigit() and last.isdigit()):
        return []
    return [f"{before}{place}{after}" for place in range(int(first), int(last) + 1)]


def _row(each: Trait) -> str:
    cells = (
        f"`{each.name}`", each.en, each.zh, each.type, each.unit, each.range,
        ", ".join(each.sources), each.exactness,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    TRAITS_PAGE.write_text(page(catalogue()))
    TYPED_MODULE.write_text(module(catalogue()))
