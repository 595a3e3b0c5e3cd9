"""Rules that models have to beat."""

import math

from profiles.learning.model import Inputs, Model, Numbers, Row


class Rule(Model):
    """Base of the rules: they learn nothing."""

    def learn(self, x: Inputs, label: object) -> None:
        """A rule learns nothing."""

    def parameters(self) -> Numbers:
        """Nothing is learnt."""
        return {}


class FeatureRule(Rule):
    """One feature as the score: `value / highest`, clipped to 0..1.

    `log` says that the catalogue gives the feature as log1p; the rule takes that back.

    >>> FeatureRule(position=1, highest=100, log=True).predict({0: 9.0, 1: math.log1p(25)})
    0.25
    """

    def __init__(self, position: int, highest: float, *, log: bool = False) -> None:
        self.position, self.highest, self.log = position, highest, log

    def predict(self, x: Row) -> float:
        """The feature's share of `highest`."""
        value = math.expm1(x[self.position]) if self.log else x[self.position]
        return min(max(round(value, 6) / self.highest, 0.0), 1.0)
