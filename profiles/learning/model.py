"""What a model is to the engine: it predicts, then it learns, and its numbers can be compared."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Source = tuple[str, int]  # topic and partition that an example's event came from
State = dict[str, Any]  # plain containers and the objects whose classes a model names
Numbers = dict[str, Any]  # plain JSON
Row = dict[int, float]  # position -> prepared value: no sum depends on PYTHONHASHSEED
Tastes = Mapping[str, float]  # category -> its share of what was looked at and bought, 0..1
Inputs = Any  # a Row, or what the task's `inputs` makes of it: a text, tokens, ...
Prediction = Any  # by kind of task (`profiles.learning.task.Kind`); None: no answer yet


class Assigned(NamedTuple):
    """A cluster by its number, and how clearly it is this one (simplified silhouette, 0..1)."""

    cluster: int
    closeness: float


class Model:
    """Base of all models. Pure and seeded: the same calls in the same order, the same numbers.

    By default the state is all attributes; they are plain containers, numpy arrays or objects of
    the `classes` named.
    """

    classes: frozenset[str] = frozenset()
    """`module.Class` of every object in the state, beyond plain containers."""

    def observe(self, x: Inputs) -> None:
        """Take in an input when it is asked about, before its answer is known: scalers do."""

    def predict(self, x: Inputs) -> Prediction:
        """The answer by what has been learnt so far; None where there is none yet."""
        raise NotImplementedError

    def learn(self, x: Inputs, label: Any) -> None:
        """Learn from an answered question; `label` is None for tasks without."""
        raise NotImplementedError

    def state(self) -> State:
        """All that `restore` needs to go on as if nothing had happened."""
        return dict(vars(self))

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a model made in the same way."""
        vars(self).update(state)

    def parameters(self) -> Numbers:
        """Canonical numbers: equal when two models have learnt the same."""
        raise NotImplementedError

    def export(self) -> Numbers | None:
        """JSON that `profiles.learning.scoring` scores with, `kind` among it; None: not yet."""
        return None

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """What its card shows besides metrics: weights by feature, centres, ..."""
        return {}
