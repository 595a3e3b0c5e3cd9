"""The bytes of a file, unpacked if its name says that it is packed."""

import gzip
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from .errors import SourceError


def open_bytes(path: str, stack: ExitStack) -> BinaryIO:
    """Open a file for reading, plain, .gz or .zip with one member; `stack` closes it."""
    match Path(path).suffix.lower():
        case ".gz":
            return cast("BinaryIO", stack.enter_context(gzip.open(path, "rb")))
        case ".zip":
            return _only_member(path, stack)
        case _:
            return stack.enter_context(Path(path).open("rb"))


def _only_member(path: str, stack: ExitStack) -> BinaryIO:
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise SourceError("too many files", source=path, value=members, expected="one file in it")
    return cast("BinaryIO", stack.enter_context(archive.open(members[0])))
