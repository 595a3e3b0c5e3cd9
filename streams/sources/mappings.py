"""Mappings by name or file: those that come with Portrait, and the user's own."""

from importlib import resources
from pathlib import Path
from typing import Final

from schemas.mapping import MappingError, TableMapping

_SHIPPED: Final = resources.files("schemas") / "mappings"


def shipped_mappings() -> list[str]:
    """Name the mappings that need no file.

    >>> shipped_mappings()  # doctest: +NORMALIZE_WHITESPACE
    ['amazon_reviews', 'cdnow', 'completejourney', 'completejourney_demographics', 'online_retail',
     'tmall2014']
    """
    return sorted(Path(entry.name).stem for entry in _SHIPPED.iterdir())


def shipped_text(name: str) -> str:
    """The TOML of a shipped mapping; raises `MappingError` for a name that is none."""
    if name not in shipped_mappings():
        raise _unknown(name, "no such name", "one of")
    return (_SHIPPED / f"{name}.toml").read_text("utf-8")


def load_mapping(name_or_path: str) -> TableMapping:
    """Load a shipped mapping by its name, or one from a TOML file; raises `MappingError`."""
    if name_or_path in shipped_mappings():
        return TableMapping.parse(shipped_text(name_or_path), name_or_path)
    path = Path(name_or_path)
    try:
        return TableMapping.parse(path.read_text("utf-8"), path.stem)
    except (OSError, UnicodeDecodeError) as error:
        raise _unknown(name_or_path, str(error), "a TOML file, or one of") from error


def _unknown(name: str, value: str, expected: str) -> MappingError:
    return MappingError(
        f"no mapping {name}",
        mapping=name,
        path="",
        value=value,
        expected=f"{expected} {', '.join(shipped_mappings())}",
    )
