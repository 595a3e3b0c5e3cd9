"""The product's online models under the names that the tables give them."""

from typing import Any, NamedTuple

from river.linear_model import LogisticRegression
from river.optim import SGD
from river.preprocessing import StandardScaler

from benchmarks.learning.examples import Column, Examples
from benchmarks.learning.online import progressive
from profiles.learning.churn import RATE, Churn
from profiles.learning.features import Selection

Row = dict[int, float]


class ChurnModel:
    """What `Churn` predicts with; here True means that the customer buys."""

    def __init__(self) -> None:
        self._scaler: Any = StandardScaler()
        self._model: Any = LogisticRegression(SGD(RATE))

    def observe(self, x: Row) -> None:
        self._scaler.learn_one(x)

    def predict(self, x: Row) -> float:
        return float(self._model.predict_proba_one(self._scaler.transform_one(x))[True])

    def learn(self, x: Row, label: bool) -> None:
        self._model.learn_one(self._scaler.transform_one(x), label)


class Online(NamedTuple):
    """An online model and the features that it sees."""

    make: Any
    features: tuple[str, ...]

    def scores(self, examples: Examples) -> Column:
        return progressive(self.make(), examples, Selection(self.features))


CHAMPION = "online logistic regression"
MODELS = {CHAMPION: Online(ChurnModel, Churn.features)}
