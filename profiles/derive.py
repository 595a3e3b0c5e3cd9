"""From views to public fields: traits one by one, models' scores for all at once."""

from collections.abc import Sequence
from typing import Protocol

from profiles.features import features, tastes
from profiles.learning.model import Tastes
from profiles.traits import Catalogue, Context, Fields
from profiles.traits.catalogue import Known
from profiles.traits.edges import RfmEdges
from profiles.traits.parts import Parts
from profiles.view import View
from profiles.words import ScoreWords, Words


class Scores(Protocol):
    """The public fields of the models' scores."""

    @property
    def ready(self) -> bool:
        """Whether any model scores: else nobody need compute what they see."""

    def __call__(self, vectors: list[list[float]], tastes: Sequence[Tastes], /) -> list[Fields]:
        """Return the fields for feature vectors and tastes (n)."""


def unsaid(words: Sequence[Words]) -> list[Fields]:
    """Return what is said of words where no model reads them: nothing."""
    return [{} for _ in words]


class Deriver:
    """Everything that the public fields depend on beside the sections and the moment.

    Whoever follows the population sets `edges`; until then customers are compared with nobody.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        base_currency: str,
        scores: Scores,
        of_words: ScoreWords = unsaid,
    ) -> None:
        self.base_currency = base_currency
        self.of_words = of_words
        self.edges: RfmEdges | None = None
        self._catalogue = catalogue
        self._scores = scores

    def features(self, view: View, as_of: int) -> list[float]:
        """Return what models see of a customer as of `as_of` (ms)."""
        return features(view, as_of, self.base_currency)

    def parts(
        self, views: Sequence[View], moments: Sequence[int], known: Sequence[Known]
    ) -> list[Parts]:
        """Return the public fields of each view as of its moment (ms), none without an event.

        They are in parts, the scores last; what is `known` from before need not be derived again.
        """
        contexts = [Context(at, self.base_currency, self.edges) for at in moments]
        scores = self._scored(views, moments)
        parts = self._catalogue.parts(views, contexts, known)
        return [
            [*derived, scored] if view.events else []
            for view, derived, scored in zip(views, parts, scores, strict=True)
        ]

    def _scored(self, views: Sequence[View], moments: Sequence[int]) -> list[Fields]:
        if not self._scores.ready:
            return [{} for _ in views]
        vectors = [self.features(view, at) for view, at in zip(views, moments, strict=True)]
        return self._scores(vectors, list(map(tastes, views)))
