"""What somebody may have meant who wrote a name that is none."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches


def perhaps(unknown: Iterable[str], known: Collection[str], prefix: str = "") -> str:
    """Return the known names most like the unknown ones, as the end of a sentence.

    A `prefix` that all of them have is shown, but does not make them alike.

    >>> perhaps(["revenu", "xyz"], ["orders", "revenue"])
    ': perhaps revenue'
    >>> perhaps(["xyz"], ["orders", "revenue"])
    ''
    """
    near = [prefix + match for name in unknown for match in get_close_matches(name, known, n=1)]
    return f": perhaps {', '.join(near)}" if near else ""
