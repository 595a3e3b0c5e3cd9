"""A map of customers: the two directions in which they differ most, learnt as they come."""

from typing import Any, NamedTuple

import numpy as np

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.scaled import Scaled

AMNESIA = 2.0  # the paper's l: newer rows weigh more
TINY = 1e-12
MEMORY = 10_000  # rows; beyond, the map follows at a constant rate


class Placed(NamedTuple):
    """A place on the map, and the share of the customer's variation that it tells, 0..1."""

    x: float
    y: float
    told: float


class PrincipalMap(Scaled):
    """Candid covariance-free incremental PCA (Weng, Zhang and Hwang, PAMI 2003), two components.

    A component starts at the first row that is not told by those before it, so its sign is settled
    once and the map never flips.
    """

    def __init__(self, width: int, components: int = 2) -> None:
        super().__init__(width)
        self.components = np.zeros((components, width))  # length: the variance in that direction
        self.seen = 0

    def _vector(self, x: Row) -> Any:
        scaled = self.scaled(x)
        return np.array([scaled[position] for position in range(self.width)])

    def _directions(self) -> Any:
        lengths = np.linalg.norm(self.components, axis=1, keepdims=True)
        return np.divide(
            self.components, lengths, out=np.zeros_like(self.components), where=lengths > 0
        )

    def predict(self, x: Row) -> Placed:
        """Where the row lies, in standard deviations of the features."""
        row = self._vector(x)
        place = self._directions() @ row
        size = float(row @ row)
        told = min(float(place @ place) / size, 1.0) if size else 1.0
        return Placed(float(place[0]), float(place[1]), told)

    def learn(self, x: Row, label: object = None) -> None:
        """Turn each component a little towards the row; the next sees what this one leaves."""
        rest = self._vector(x)
        self.seen += 1
        n = min(self.seen, MEMORY)
        new = (1 + min(AMNESIA, n - 1)) / n
        for component in self.components:
            length = float(np.linalg.norm(component))
            if length == 0.0:
                component += rest
                return
            response = float(rest @ component) / length
            component *= 1 - new
            component += new * response * rest
            direction = component / max(float(np.linalg.norm(component)), TINY)
            rest = rest - (rest @ direction) * direction

    def state(self) -> State:
        """Scaler and components as plain lists."""
        return {
            "scaler": self.scaler,
            "components": self.components.tolist(),
            "seen": self.seen,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.seen = state["scaler"], state["seen"]
        self.components = np.array(state["components"])

    def export(self) -> Numbers:
        """Means, variances and directions (2, width)."""
        return {"kind": "map", **self.scale(), "directions": self._directions().tolist()}

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """What right and up mean on the map."""
        axes = [dict(zip(features, row, strict=True)) for row in self._directions().tolist()]
        return {"axes": axes}
