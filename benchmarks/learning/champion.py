"""The product's online models under the names that the tables give them."""

from typing import Any, NamedTuple

from benchmarks.learning.examples import Column, Examples
from benchmarks.learning.online import progressive
from profiles.learning.churn import Churn
from profiles.learning.features import Selection


class Online(NamedTuple):
    """An online model and the features that it sees."""

    make: Any
    features: tuple[str, ...]

    def scores(self, examples: Examples) -> Column:
        return progressive(self.make(len(self.features)), examples, Selection(self.features))


CHAMPION = "online logistic regression"
MODELS = {CHAMPION: Online(Churn.models["logistic"], Churn.features)}
