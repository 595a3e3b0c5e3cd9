"""What can be wrong with a mapping."""

from schemas.errors import PortraitError


class MappingError(PortraitError):
    """A mapping that cannot be understood, or does not fit its table.

    Evidence: `mapping` (its name), `path` (where in the TOML), `value`, `expected`.
    """
