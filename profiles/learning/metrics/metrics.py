"""What the engine asks of figures."""

from typing import Any, ClassVar, Protocol

from profiles.learning.model import Numbers, Prediction, State


class Metrics(Protocol):
    """Figures of one contestant: cumulative, and windowed where it changes its champion by them."""

    headline: ClassVar[str]
    """The one of `values` to look at first."""

    @property
    def n(self) -> int:
        """Examples counted."""

    def update(self, prediction: Prediction, label: Any) -> None:
        """Count one example: the prediction as it was made when the question was asked."""

    def values(self) -> Numbers:
        """All figures, plain JSON; None where nothing can be said yet."""

    def quality(self) -> float | None:
        """The windowed figure that contestants are compared by: more is better."""

    def state(self) -> State:
        """Plain containers."""

    def restore(self, state: State) -> None:
        """The inverse of `state`, on fresh metrics."""
