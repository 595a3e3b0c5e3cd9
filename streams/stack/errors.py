"""What can go wrong before a real server answers."""

from schemas.errors import PortraitError


class StackError(PortraitError):
    """A real server cannot be had here."""


class MissingToolError(StackError):
    """A program that a server needs is not on the PATH; the message says what to install."""


class ArtifactsError(StackError):
    """Kafka's libraries could not be brought here; the message ends with Maven's last words."""


class DirectoryError(StackError):
    """What servers keep cannot be there; evidence: `path`, `value`, `expected`."""


class ServerError(StackError):
    """A server did not start, or is not running; the message ends with its log's last lines."""
