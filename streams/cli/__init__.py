"""The command line, `portrait`."""

from streams.cli.main import main

__all__ = ["main"]
