"""Standard output that takes no more (a full disk), and characters that its encoding has not."""

import io
import os
import sys
from typing import TYPE_CHECKING

from schemas.errors import PortraitError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputError(PortraitError):
    """Standard output cannot be written; evidence: `error`."""


class _Descriptor(io.FileIO):
    """Standard output as a file of bytes, whose errors are ours."""

    def write(self, data: "ReadableBuffer") -> int:
        """Return how many bytes were written.

        Raises:
            BrokenPipeError: nobody reads on, which ends a command without a word.
            OutputError: it cannot be written; what is left goes nowhere, so it is said once.
        """
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            raise OutputError("standard output cannot be written", error=error.strerror) from error


def watch_output() -> None:
    """Have standard output raise `OutputError`, and write `\\u4e0a` for what it cannot encode."""
    if sys.stdout is None:  # closed by the caller: nothing is printed
        return
    sys.stdout.flush()
    raw = _Descriptor(sys.stdout.fileno(), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=sys.stdout.encoding,
        errors="backslashreplace",
        line_buffering=sys.stdout.isatty(),
    )
