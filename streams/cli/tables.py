"""Tables for people: what comes from data is never read as markup."""

from rich.console import Console


def screen(*, stderr: bool = False) -> Console:
    """Return where to print tables: what is in square brackets or colons stays as it is."""
    return Console(stderr=stderr, markup=False, emoji=False)
