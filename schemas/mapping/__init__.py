"""Field mappings: any table becomes events through a declarative TOML file."""

from .errors import MappingError
from .mapping import RowMapper, TableMapping
from .rule import MappedEvent
from .table import BrokenRow, Chunk

__all__ = [
    "BrokenRow",
    "Chunk",
    "MappedEvent",
    "MappingError",
    "RowMapper",
    "TableMapping",
]
