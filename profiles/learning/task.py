"""What a learning task is: it asks about customers, waits for answers, scores before it learns."""

from typing import Any, Protocol

from schemas.examples import Outcome, Question

Source = tuple[str, int]  # topic and partition that an example's event came from
State = dict[str, Any]  # plain containers and the objects whose classes a task names
Numbers = dict[str, Any]  # plain JSON


class Task(Protocol):
    """One file per task. All of it is pure: the same calls in the same order, the same numbers.

    A task without a label (a clustering) leaves `on_outcome` and `advance` empty.
    """

    name: str
    features: tuple[str, ...]  # names from profiles.learning.features, in the order of the weights
    classes: frozenset[str]  # "module.Class" of every object in `state`, beyond plain containers

    def settings(self) -> Numbers:
        """What changes the meaning of its state (horizon, number of clusters, ...)."""

    def on_question(self, question: Question) -> None:
        """Score it with the model of now, then remember it (or learn from it, if unlabelled)."""

    def on_outcome(self, outcome: Outcome) -> None:
        """Answer the open questions that it answers, and learn each once."""

    def advance(self, source: Source, now: int) -> None:
        """The clock of a source stands at `now` (epoch ms): answer what fell due in silence."""

    def state(self) -> State:
        """All that `restore` needs to go on as if nothing had happened."""

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a task made with the same settings."""

    def parameters(self) -> Numbers:
        """Canonical parameters and metrics: equal when two learners have learnt the same."""

    def export(self) -> Numbers | None:
        """What `profiles.learning.scoring` scores with; None while the model is warming up."""

    def card(self) -> Numbers:
        """For people: n_examples, metrics, sizes, features with their weights."""
