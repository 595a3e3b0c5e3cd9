"""Tables for people: nothing in them is read as markup, and nothing is cut."""

import shutil
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table

WIDE: Final = 1_000
"""Columns where there is no terminal and `COLUMNS` is not set: lines for programs stay whole."""


def screen(*, stderr: bool = False) -> Console:
    """Return where to print tables: what is in square brackets or colons stays as it is."""
    console = Console(stderr=stderr, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = shutil.get_terminal_size((WIDE, 0)).columns
    return console


class FoldingTable(Table):
    """A table whose cells go on in the next line where rich would end them with an ellipsis."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for column in self.columns:
            column.overflow = "fold"
        return super().__rich_console__(console, options)
