"""A text classifier as river knows them: a text in, a probability out."""

from typing import Any

from river.base import Classifier
from river.base.typing import ClfTarget

from profiles.learning.models.bayes_logistic import BayesLogistic
from profiles.learning.text.ngrams import NGrams


class TextClassifier(Classifier):
    """n-grams and a model over them, with river's interface; `x` is a str.

    >>> model = TextClassifier(bits=12)
    >>> for text, good in [("质量很好", True), ("很差,退货", False)]:
    ...     model.learn_one(text, good)
    >>> model.predict_one("很好"), model.predict_one("太差")
    (True, False)
    """

    def __init__(self, bits: int = 20, n: int = 3, rate: float = 0.5) -> None:
        self.bits = bits
        self.n = n
        self.rate = rate
        self.ngrams = NGrams(bits, n)
        self.model = BayesLogistic(self.ngrams, rate)

    def learn_one(self, x: Any, y: ClfTarget, **_kwargs: Any) -> None:
        """One step."""
        self.model.learn(self.ngrams.indices(x), bool(y))

    def predict_proba_one(self, x: Any, **_kwargs: Any) -> dict[ClfTarget, float]:
        """P(False) and P(True)."""
        probability = self.model.predict(self.ngrams.indices(x))
        return {False: 1.0 - probability, True: probability}
