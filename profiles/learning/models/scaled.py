"""What models over standardized features share: a scaler that learns when a question is asked."""

from typing import Any

from river.preprocessing import StandardScaler

from profiles.learning.model import Model, Numbers, Row

SCALER = "river.preprocessing.scale.StandardScaler"


class Scaled(Model):
    """Rows of `width` values by position, standardized by running means and variances.

    The scaler learns when a question is asked, the model when it is answered.
    """

    classes = frozenset({SCALER})

    def __init__(self, width: int) -> None:
        self.width = width
        self.scaler: Any = StandardScaler()

    def observe(self, x: Row) -> None:
        """Let the scaler learn."""
        self.scaler.learn_one(x)

    def scaled(self, x: Row) -> Row:
        """The row in standard deviations from the mean; 0 where nothing has varied yet."""
        standardized: Row = self.scaler.transform_one(x)
        return standardized

    def scale(self) -> Numbers:
        """Means and variances, by position."""
        positions = range(self.width)
        return {
            "means": [self.scaler.means[i] for i in positions],
            "variances": [self.scaler.vars[i] for i in positions],
        }

    def parameters(self) -> Numbers:
        """What is exported, unless a model says otherwise."""
        return self.export() or {}


class Labels:
    """Classes as small numbers, in order of appearance, at most `most` of them.

    Numbers hash to themselves: no sum or tie inside river depends on `PYTHONHASHSEED`.

    >>> labels = Labels(most=2)
    >>> [labels.number(name) for name in ("tea", "cups", "tea", "pots")]
    [0, 1, 0, None]
    """

    def __init__(self, names: list[Any] | None = None, most: int = 50) -> None:
        self.names: list[Any] = names or []
        self.most = most

    @classmethod
    def of(cls, binary: bool) -> "Labels":
        """False and True, or none yet."""
        return cls([False, True], most=2) if binary else cls()

    def number(self, label: Any) -> int | None:
        """The number of a class; None beyond the bound: such a label is not learnt."""
        if label in self.names:
            return self.names.index(label)
        if len(self.names) >= self.most:
            return None
        self.names.append(label)
        return len(self.names) - 1


LABELS = "profiles.learning.models.scaled.Labels"


def answer(labels: Labels, by_number: dict[int, float]) -> Any:
    """P(True) for the classes False and True, {class: P} for others.

    >>> answer(Labels.of(binary=True), {0: 0.25, 1: 0.75})
    0.75
    """
    if labels.names[:1] == [False]:
        return by_number.get(1, 0.0)
    return {labels.names[number]: p for number, p in by_number.items()}
