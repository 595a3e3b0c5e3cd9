"""Scorers of what customers write, for batches of texts."""

from profiles.learning.model import Numbers
from profiles.learning.scorers.answers import Classes, Probabilities, squashed
from profiles.learning.text.many import Texts
from profiles.learning.text.packed import TextScorer
from profiles.learning.text.topics import TopicScorer


class Praise:
    """Weights of n-grams, a byte each."""

    def __init__(self, numbers: Numbers) -> None:
        self.weights = TextScorer(numbers)
        self.version = int(numbers["version"])

    def score(self, texts: Texts) -> Probabilities:
        """Texts (n) → probabilities (n,)."""
        return Probabilities(squashed(self.weights.log_odds(texts)), self.version)


class Talk:
    """Topics by their words."""

    def __init__(self, numbers: Numbers) -> None:
        self.topics = TopicScorer(numbers)
        self.version = int(numbers["version"])

    def score(self, texts: Texts) -> Classes:
        """Texts (n) → shares of the topics (n, topics); a row of zeros: no word is known."""
        return Classes(self.topics.score(texts), self.topics.names, self.version)
