"""A child process that does not outlive its parent.

On Linux the kernel kills the child when the thread that started it ends (`PR_SET_PDEATHSIG`),
however it ends, `kill -9` included: start children from the main thread, or from one that lives as
long as they should. Elsewhere there is no such promise: the child is stopped when the parent exits
normally or calls `stop`, and stays when the parent is killed outright.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import weakref
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
STOP_WAIT_SECONDS = 5.0
ORPHANED_EXIT_CODE = 125


class Child:
    """A running child process; `stop` ends it, and so does the end of this process.

    It gets a session of its own, so Ctrl-C in a terminal reaches the parent alone, which drains
    first and stops its children last.

    >>> with Child(["sleep", "60"]) as child:
    ...     child.alive
    True
    >>> child.alive
    False
    """

    def __init__(
        self,
        command: Sequence[str],
        output: IO[bytes] | int | None = subprocess.DEVNULL,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - the command is the caller's own, no shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=environment,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )
        # also runs at interpreter exit, for a parent that forgot to call stop
        self._finalizer = weakref.finalize(self, _end, self.process, STOP_WAIT_SECONDS)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def stop(self, wait_seconds: float = STOP_WAIT_SECONDS) -> int:
        """Ask it to end (SIGTERM), insist after `wait_seconds` (SIGKILL); returns its exit code."""
        self._finalizer.detach()
        return _end(self.process, wait_seconds)

    def kill(self) -> int:
        """End it without a warning (SIGKILL); returns its exit code."""
        self._finalizer.detach()
        self.process.kill()
        return self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def _end(process: subprocess.Popen[bytes], wait_seconds: float) -> int:
    process.terminate()
    try:
        return process.wait(wait_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _die_with_parent() -> Callable[[], None] | None:
    """What the child runs between fork and exec; everything it needs is made before the fork."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if (
            os.getppid() != parent
        ):  # the parent died before the request: the kernel will not tell us
            os._exit(ORPHANED_EXIT_CODE)

    return ask_the_kernel
