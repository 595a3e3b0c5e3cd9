"""What can be wrong with a source."""

from schemas.errors import PortraitError


class SourceError(PortraitError):
    """A source that cannot be read at all; evidence: `source`, `value`, `expected`.

    A row that cannot be read is no error: it travels on as a `BrokenRow`.
    """
