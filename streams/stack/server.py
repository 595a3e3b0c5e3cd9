"""What runs inside a `with` block: one server process, or several as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self


class Server(ABC):
    """Runs inside a `with` block; what does not come up is stopped, and its error raised."""

    @abstractmethod
    def start(self) -> None:
        """Launch what does not run, and wait until it serves its clients."""

    @abstractmethod
    def stop(self) -> None:
        """End in order what runs."""

    @abstractmethod
    def check(self) -> None:
        """Raise ServerError when a process has ended."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
