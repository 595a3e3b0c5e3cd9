"""Signals for commands that drain before they end; a second one ends at once."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

AGAIN_SECONDS = 0.05
"""A signal that nobody could hear is sent again after so long."""


class StopSignal:
    """Notes SIGINT and SIGTERM instead of ending at once."""

    def __init__(self) -> None:
        self.asked = False
        _handle(self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        self.release()

    def release(self) -> None:
        """Let signals end the process at once again."""
        _release()


class Stopped(BaseException):
    """A signal asks to end, wherever the command is; `exit_code` is what shells make of it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.exit_code = 128 + number


def raise_when_stopped() -> None:
    """Let the first SIGINT or SIGTERM raise `Stopped`, which also ends a wait for input."""
    sys.unraisablehook = _tell
    _handle(_stop)


def _tell(unraisable: "sys.UnraisableHookArgs") -> None:
    """Send the signal again where a destructor was interrupted: what it raises goes nowhere."""
    if not isinstance(unraisable.exc_value, Stopped):
        sys.__unraisablehook__(unraisable)
        return
    _handle(_stop)
    again = threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), unraisable.exc_value.number))
    again.daemon = True
    again.start()


def _stop(number: int, _frame: FrameType | None) -> None:
    _release()
    raise Stopped(number)


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for each in SIGNALS:
        signal.signal(each, handler)


def _release() -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
