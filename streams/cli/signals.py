"""Signals for commands that drain before they end."""

import signal
from types import FrameType


class StopSignal:
    """Notes SIGINT and SIGTERM instead of ending at once; a second one ends at once."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        self.release()

    def release(self) -> None:
        """Let signals end the process at once again."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
