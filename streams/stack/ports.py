"""Ports that a server keeps: over its restarts, and over those of the whole stack.

Not from the range that the system gives to outgoing connections (32768 and above on Linux): while a
server is down, a client that tries its port again and again could be given that very port, connect
to itself, and keep the server from coming back.
"""

from __future__ import annotations

import secrets
import socket
from typing import TYPE_CHECKING

from streams.stack.errors import DirectoryError, ServerError

if TYPE_CHECKING:
    from pathlib import Path

PEER_OFFSET = 10_000
"""A server talks to its peers on a second port, so far above the first; Redis's own default."""

FIRST, LAST = 10_000, 32_767 - PEER_OFFSET
TRIES = 100

_given: set[int] = set()
"""Ports of this process's servers, peer ports too: one that was chosen may not be bound yet."""


def kept_port(file: Path) -> int:
    """Read the port noted in a file, or choose a free one and note it.

    Raises:
        DirectoryError: the file holds something else.
        ServerError: no port is free.
    """
    if file.exists():
        return _noted(file)
    port = free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port


def free_port() -> int:
    """Choose a port of 127.0.0.1 that is free, and whose peer port is free; never one twice.

    Raises:
        ServerError: there was none.
    """
    for _ in range(TRIES):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)  # not `random`: tests seed it
        pair = {port, port + PEER_OFFSET}
        if not pair & _given and all(map(_is_free, pair)):
            _given.update(pair)
            return port
    raise ServerError(f"no free port between {FIRST} and {LAST}")


def _noted(file: Path) -> int:
    noted = file.read_text(errors="replace").strip()
    if noted.isascii() and noted.isdigit():
        return int(noted)
    raise DirectoryError(
        "no port is noted there", path=str(file), value=noted, expected="a number, or no such file"
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as servers do: a connection that has just ended does not make a port taken
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
