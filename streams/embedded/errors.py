"""What can go wrong while an embedded server starts."""

from schemas.errors import PortraitError


class EmbeddedServerError(PortraitError):
    """An embedded server was not found, did not start, or died; `detail` is its own last word."""

    def __init__(self, server: str, reason: str, detail: str = "") -> None:
        self.server = server
        self.reason = reason
        self.detail = detail
        super().__init__(f"embedded {server}: {reason}" + (f"\n{detail}" if detail else ""))
