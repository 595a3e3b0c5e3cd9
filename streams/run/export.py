"""The file of `--export`: known to be writable before a run, and whole or not there after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import PortraitError

UNFINISHED = ".unfinished"


class ExportError(PortraitError):
    """`--export` names what cannot be written; evidence: `path`, `value`, `expected`."""


def check_export(path: Path) -> None:
    """Try to write where `export_file` will, and leave nothing there.

    Raises:
        ExportError: it cannot be written.
    """
    with _told(path):
        if path.is_dir():
            raise IsADirectoryError("a directory")
        unfinished = _unfinished(path)
        if unfinished != path:
            unfinished.touch()
            unfinished.unlink()


@contextmanager
def export_file(path: Path) -> Iterator[Path]:
    """Yield the file to write; it takes the place of `path` when the block has succeeded.

    Raises:
        ExportError: it cannot be written.
    """
    unfinished = _unfinished(path)
    with _told(path):
        if unfinished == path:
            yield path
            return
        try:
            yield unfinished
            unfinished.replace(path.resolve())
        finally:
            unfinished.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    """Return the file beside it; what is no file, such as a pipe, is written itself."""
    if path.exists() and not path.is_file():
        return path
    whole = path.resolve()  # a link goes on leading where it leads
    return whole.with_name(whole.name + UNFINISHED)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(
            "--export cannot be written",
            path=str(path),
            value=error.strerror or str(error),
            expected="a file that can be made",
        ) from error
