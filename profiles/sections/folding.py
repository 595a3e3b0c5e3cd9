"""How events become sections: what the version in a section's header stands for."""

from typing import NamedTuple

from profiles.sections import aspects
from profiles.sketches.decayed import DAY_MS, HALF_LIFE_DAYS

FOLD_VERSION = 3
"""Version of the code that decides what a section contains; raise it when that changes."""

_CODE_BITS = 4


class Folding(NamedTuple):
    """What decides a section's content beside its events: code, half-life of tastes, aspects kept.

    Weights of two half-lives cannot be added, so code and half-life are in the version, 16 bits,
    that the write protocol compares: 12 for the half-life (days), 4 for the code. A section that
    does not keep all `aspects` says so in its content (docs/decisions/kept-for-traits.md).

    >>> Folding(30).version == 30 * 16 + FOLD_VERSION
    True
    """

    half_life_days: int = HALF_LIFE_DAYS
    keeps: int = aspects.ALL

    @property
    def version(self) -> int:
        """The version in the header of sections that are folded so."""
        return self.half_life_days << _CODE_BITS | FOLD_VERSION

    @property
    def half_life_ms(self) -> int:
        """The half-life in the unit of event times."""
        return self.half_life_days * DAY_MS


DEFAULT_FOLDING = Folding()


def half_life_of(version: int) -> int | None:
    """Return the half-life (days) that sections of this version have, None if of other code.

    >>> half_life_of(Folding(7).version), half_life_of(0)
    (7, None)
    """
    days, code = divmod(version, 1 << _CODE_BITS)
    return days if code == FOLD_VERSION else None
