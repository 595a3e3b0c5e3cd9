"""Why a score is what it is: the three features that spoke loudest, in words.

Beside a score stands a code that fits a public field, `+>recency_days,-<orders`: for (+) or against
(-) the answer, by a feature that is high (>) or low (<). Whoever reads the profile turns it into
words with `words`.

What a feature contributes: in a linear model its weight times its standardized value, of products
half; in a tree the change of the answer at each question about it along the path (Saabas, 2014), in
a forest the mean of that over its trees.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from profiles.learning.features import DERIVED, FEATURES, Feature, Matrix
from schemas.errors import PortraitError

MOST = 3
MOST_BYTES = 64  # of a public field
FAINTEST = 1e-6  # contributions below are none
FAR = 0.5  # standard deviations: nearer to the mean is nothing special

_CATALOGUE = {feature.name: feature for feature in (*FEATURES, *DERIVED)}


class UnknownReasonError(PortraitError):
    """A code that was not written here; evidence: `value`, `expected`."""


class Contributions(NamedTuple):
    """What each of the `names` (d) adds to each score, and whether it is high or low there."""

    names: tuple[str, ...]
    effects: Matrix  # (n, d)
    sides: Matrix  # (n, d), positive where the value is high, negative where it is low


@runtime_checkable
class Explains(Protocol):
    """A batch model that can say why."""

    def contributions(self, rows: Matrix) -> Contributions:
        """For rows (n, len(FEATURES)) of raw features."""


def codes(contributions: Contributions) -> list[str]:
    """The strongest reasons of each row, the strongest first, as a field's text.

    >>> effects, sides = np.array([[-0.5, 2.0]]), np.array([[-1.0, 1.0]])
    >>> codes(Contributions(("orders", "revenue"), effects, sides))
    ['+>revenue,-<orders']
    """
    names, effects, sides = contributions
    strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :MOST]
    return [
        _joined(
            f"{'+' if effects[row, place] > 0 else '-'}{'>' if sides[row, place] > 0 else '<'}"
            f"{names[place]}"
            for place in places
            if abs(effects[row, place]) > FAINTEST
        )
        for row, places in enumerate(strongest.tolist())
    ]


def _joined(reasons: Iterable[str]) -> str:
    text = ""
    for reason in reasons:
        longer = f"{text},{reason}" if text else reason
        if len(longer.encode()) > MOST_BYTES:
            break
        text = longer
    return text


def words(code: str, language: str = "en") -> list[str]:
    """A field's reasons as sentences, in `en` or `zh`.

    Raises:
        UnknownReasonError: not a code of this version.

    >>> words("+>recency_days,-<orders")
    ['high: since the last purchase (speaks for it)', 'low: orders so far (speaks against it)']
    >>> words("+>recency_days", "zh")
    ['最近一次购买至今偏高，推高了评分']
    """
    return [_sentence(each, language) for each in code.split(",") if each]


def typical(centre: Mapping[str, float], language: str = "en") -> list[str]:
    """What sets a group apart: its features that are far from everybody's mean, farthest first.

    `centre` gives each in standard deviations.

    >>> typical({"orders": 1.25, "views_30": -0.2, "revenue": -2.0})
    ['low: spent so far (-2.0 sd)', 'high: orders so far (+1.2 sd)']
    """
    far = [name for name, deviations in centre.items() if abs(deviations) >= FAR]
    far.sort(key=lambda name: -abs(centre[name]))
    return [_placed(_CATALOGUE[name], centre[name], language) for name in far]


def _placed(feature: Feature, deviations: float, language: str) -> str:
    if language == "zh":
        return f"{feature.zh}{'偏高' if deviations > 0 else '偏低'}（{deviations:+.1f} 个标准差）"
    return f"{'high' if deviations > 0 else 'low'}: {feature.en} ({deviations:+.1f} sd)"


def _sentence(reason: str, language: str) -> str:
    effect, side, feature = reason[:1], reason[1:2], _CATALOGUE.get(reason[2:])
    if feature is None or effect not in "+-" or side not in "<>":
        raise UnknownReasonError("not a reason", value=reason, expected="[+-][<>]feature")
    if language == "zh":
        high, raises = "偏高" if side == ">" else "偏低", "推高" if effect == "+" else "拉低"
        return f"{feature.zh}{high}，{raises}了评分"
    high, speaks = "high" if side == ">" else "low", "for" if effect == "+" else "against"
    return f"{high}: {feature.en} (speaks {speaks} it)"
