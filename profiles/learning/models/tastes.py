"""Which class next, by what somebody has liked so far: shares of classes in, probabilities out."""

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Model, Numbers, State, Tastes
from profiles.learning.models.scaled import Labels

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

MOST = 50  # classes told apart; later ones are not learnt
SAID = 5  # the likeliest are what an answer holds: questions that wait keep it
RATE = 0.02
LOYALTY = 4.0  # who likes nothing else is exp(4) times as likely to take it again
DAMPING = 20.0  # examples that speak for the popularity of classes before any was seen


class Tasted(Model):
    """Tastes as shares of the classes that have ever been an answer, then a constant 1.

    `table` (MOST + 1, MOST) is by what is liked, the constant last, and by what comes next.
    """

    def __init__(self, width: int) -> None:
        self.labels = Labels(most=MOST)
        self.table = np.zeros((MOST + 1, MOST))

    def predict(self, x: Tastes) -> dict[str, float] | None:
        """The likeliest classes and their probabilities; None before the first answer."""
        if not self.labels.names:
            return None
        probabilities = self.probabilities(x)
        likeliest = np.argsort(-probabilities, kind="stable")[:SAID].tolist()
        return {self.labels.names[each]: float(probabilities[each]) for each in likeliest}

    def probabilities(self, x: Tastes) -> Vector:
        """Of all classes (k,) in the order of their names."""
        raise NotImplementedError

    def shares(self, x: Tastes) -> Vector:
        """(MOST + 1,)."""
        found = np.zeros(MOST + 1)
        for name, share in x.items():
            if name in self.labels.names:
                found[self.labels.names.index(name)] = share
        found[MOST] = 1.0
        return found

    def matrix(self) -> Matrix:
        """What shares and the constant are multiplied with (k + 1, k)."""
        known = len(self.labels.names)
        return self.table[[*range(known), MOST], :known]

    def state(self) -> State:
        """Names and bytes."""
        return {"names": list(self.labels.names), "table": self.table.tobytes()}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.labels = Labels(state["names"], MOST)
        self.table = np.frombuffer(state["table"]).reshape(self.table.shape).copy()


class TasteSoftmax(Tasted):
    """Multinomial logistic regression by stochastic gradient descent at a constant rate.

    It begins with the belief that people go on buying what they like.
    """

    def __init__(self, width: int) -> None:
        super().__init__(width)
        np.fill_diagonal(self.table, LOYALTY)

    def probabilities(self, x: Tastes) -> Vector:
        """Softmax of the weighted shares."""
        logits = (self.shares(x) @ self.table)[: len(self.labels.names)]
        powers: Vector = np.exp(logits - logits.max())
        shared: Vector = powers / powers.sum()
        return shared

    def learn(self, x: Tastes, label: str) -> None:
        """One step down the gradient."""
        number = self.labels.number(label)
        if number is not None:
            gradient = self.probabilities(x)
            gradient[number] -= 1.0
            self.table[:, : len(gradient)] -= RATE * np.outer(self.shares(x), gradient)

    def parameters(self) -> Numbers:
        """What is exported."""
        return self.export()

    def export(self) -> Numbers:
        """Classes and weights."""
        names = list(self.labels.names)
        return {"kind": "taste_softmax", "classes": names, "matrix": self.matrix().tolist()}


class Transitions(Tasted):
    """A Markov chain from what is liked to what comes next, smoothed by what comes next at all.

    The table counts: by what was liked, each by its share; the last row counts all.
    """

    def probabilities(self, x: Tastes) -> Vector:
        """The mean of the chain's rows, weighted by the shares."""
        known = len(self.labels.names)
        shares = self.shares(x)[[*range(known), MOST]]
        mixed: Vector = shares @ self.matrix()
        return mixed

    def matrix(self) -> Matrix:
        """Popularity in the last row, the difference that liking a class makes in the others."""
        counts = super().matrix()
        popularity = (counts[-1] + 1.0) / (counts[-1] + 1.0).sum()
        totals = counts[:-1].sum(axis=1, keepdims=True)
        rows = (counts[:-1] + DAMPING * popularity) / (totals + DAMPING)
        return np.vstack((rows - popularity, popularity))

    def learn(self, x: Tastes, label: str) -> None:
        """Count it."""
        number = self.labels.number(label)
        if number is not None:
            self.table[:, number] += self.shares(x)

    def parameters(self) -> Numbers:
        """What is exported."""
        return self.export()

    def export(self) -> Numbers:
        """Classes, and the chain's rows."""
        names = list(self.labels.names)
        return {"kind": "transitions", "classes": names, "matrix": self.matrix().tolist()}
