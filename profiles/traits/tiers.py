"""Tiers: what to call a customer with these RFM scores, by a table of rules that can be replaced.

The table is text, a rule to each line or `;`, and the first that fits counts: a tier, then least
(`>=`) or greatest (`<=`) scores. A rule without scores fits everybody, and has to be the last.
"""

import re
from itertools import product
from typing import NamedTuple

from profiles.traits.edges import SCORES
from schemas.errors import PortraitError

DEFAULT_TIERS = """
champion    r>=4 f>=4 m>=4
loyal       r>=3 f>=4
new         r>=4 f<=1
potential   r>=3
at_risk     f>=3
at_risk     m>=4
hibernating r>=2
lost
"""
"""What they mean: docs/rfm.md."""

Tiers = dict[tuple[int, int, int], str]
"""Tier by (recency, frequency, monetary), all 125 of them."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_CONDITION = re.compile(r"([rfm])([<>])=([1-5])")


class TierRulesError(PortraitError):
    """A table of tiers that cannot be read, or leaves some scores without one."""


class _Rule(NamedTuple):
    tier: str
    conditions: list[tuple[int, str, int]]  # place in (r, f, m), comparison, score

    def fits(self, scores: tuple[int, int, int]) -> bool:
        return all(
            scores[place] >= score if comparison == ">" else scores[place] <= score
            for place, comparison, score in self.conditions
        )


def tiers_of(table: str) -> Tiers:
    """Read a table of rules and apply it to all scores.

    >>> tiers = tiers_of("good r>=4 m>=3; gone r<=1; fair")
    >>> tiers[5, 1, 3], tiers[1, 5, 5], tiers[3, 3, 3]
    ('good', 'gone', 'fair')

    Raises:
        TierRulesError: a rule that cannot be read, or scores that none fits.
    """
    rules = [_rule(line) for line in re.split(r"[;\n]", table) if line.strip()]
    found: Tiers = {}
    for r, f, m in product(range(1, SCORES + 1), repeat=3):
        tier = next((rule.tier for rule in rules if rule.fits((r, f, m))), None)
        if tier is None:
            raise TierRulesError(
                "scores without a tier", value=f"r={r} f={f} m={m}", expected=table
            )
        found[r, f, m] = tier
    return found


def _rule(line: str) -> _Rule:
    name, *conditions = line.split()
    matches = [_CONDITION.fullmatch(condition) for condition in conditions]
    if not _NAME.fullmatch(name) or not all(matches):
        raise TierRulesError("no rule of tiers", value=line, expected="tier r>=1 f<=5 ...")
    return _Rule(name, [("rfm".index(m[1]), m[2], int(m[3])) for m in matches if m])
