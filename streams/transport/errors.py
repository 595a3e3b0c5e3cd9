"""What the transport refuses or cannot go on from."""

from schemas.errors import PortraitError


class TransportError(PortraitError):
    """Base of the transport's errors."""


class InsecureCredentialsError(TransportError):
    """SASL credentials without TLS: Faust would send them in the clear without a word."""


class PositionOutOfRangeError(TransportError):
    """The position to resume from is not in the log (any more, or not yet)."""


class AppCrashedError(TransportError):
    """A running app ended by itself; its cause is the error that ended it."""
