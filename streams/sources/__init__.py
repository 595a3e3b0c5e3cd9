"""Sources: tables in files or on standard input, and the mappings that make events of them."""

from .errors import SourceError
from .mappings import load_mapping, shipped_mappings, shipped_text
from .source import open_source, source_name

__all__ = [
    "SourceError",
    "load_mapping",
    "open_source",
    "shipped_mappings",
    "shipped_text",
    "source_name",
]
