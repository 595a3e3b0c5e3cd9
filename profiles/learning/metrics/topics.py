"""What topics say of texts, before they have learnt them."""

from typing import ClassVar

from profiles.learning.model import Numbers, State

RATE = 0.001  # the means remember about 1,000 texts


class TopicMetrics:
    """How many texts each topic leads, and how clearly; a text without known words is not counted.

    Coherence needs the texts themselves: the model's card has it.

    >>> metrics = TopicMetrics()
    >>> for shares in ({"0": 0.75, "1": 0.25}, {"0": 0.5, "1": 0.5}): metrics.update(shares)
    >>> metrics.values()
    {'n': 2, 'clarity': 0.625, 'texts': {'0': 2}}
    """

    headline: ClassVar[str] = "clarity"

    def __init__(self) -> None:
        self.n = 0
        self.clarity = 0.0
        self.texts: dict[str, int] = {}

    def update(self, prediction: dict[str, float], label: object = None) -> None:
        """Count one text."""
        leading = max(prediction, key=prediction.__getitem__)
        self.n += 1
        self.texts[leading] = self.texts.get(leading, 0) + 1
        self.clarity += max(RATE, 1 / self.n) * (prediction[leading] - self.clarity)

    def values(self) -> Numbers:
        """Texts, mean share of the leading topic of lately, texts by leading topic."""
        return {"n": self.n, "clarity": self.quality(), "texts": dict(self.texts)}

    def quality(self) -> float | None:
        """The mean share of the leading topic."""
        return self.clarity if self.n else None

    def state(self) -> State:
        """Plain containers."""
        return {"n": self.n, "clarity": self.clarity, "texts": dict(self.texts)}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)
