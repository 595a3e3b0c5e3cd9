"""A small neural network that learns one example at a time."""

from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.scaled import Scaled

SEED = 19860930
FAST, SLOW = 0.9, 0.999  # memories of Adam's two moments
TINY = 1e-8
STEEPEST = 30.0  # logits beyond are as sure as can be

Array = npt.NDArray[np.float64]


class Network(Scaled):
    """One hidden layer of tanh (Rumelhart, Hinton and Williams, 1986), trained by Adam (2015).

    Its weights are one vector, cut into layers by views, so that a step is one update.
    """

    def __init__(self, width: int, hidden: int = 16, rate: float = 0.003) -> None:
        super().__init__(width)
        self.hidden, self.rate = hidden, rate
        size = hidden * (width + 2) + 1
        self.weights = np.zeros(size)
        first = np.random.default_rng(SEED).normal(0.0, width**-0.5, hidden * width)
        self.weights[: hidden * width] = first
        self.means, self.squares, self.steps = np.zeros(size), np.zeros(size), 0

    def _layers(self, vector: Array) -> tuple[Array, Array, Array]:
        """Views: into the hidden layer (hidden, width), its offsets, and out of it (hidden + 1)."""
        wide, tall = self.hidden * self.width, self.hidden * (self.width + 1)
        return vector[:wide].reshape(self.hidden, self.width), vector[wide:tall], vector[tall:]

    def _forward(self, x: Row) -> tuple[Array, Array, float]:
        scaled = self.scaled(x)
        inputs = np.array([scaled[position] for position in range(self.width)])
        into, offsets, out = self._layers(self.weights)
        hidden = np.tanh(into @ inputs + offsets)
        logit = float(hidden @ out[:-1] + out[-1])
        return inputs, hidden, float(1.0 / (1.0 + np.exp(-min(max(logit, -STEEPEST), STEEPEST))))

    def predict(self, x: Row) -> float:
        """P(True)."""
        return self._forward(x)[2]

    def learn(self, x: Row, label: bool) -> None:
        """One step of Adam down the gradient of the log loss."""
        inputs, hidden, probability = self._forward(x)
        gradient = np.empty_like(self.weights)
        into, offsets, out = self._layers(gradient)
        error = probability - label
        out[:-1], out[-1] = error * hidden, error
        offsets[:] = error * self._layers(self.weights)[2][:-1] * (1.0 - hidden * hidden)
        np.outer(offsets, inputs, out=into)
        self._step(gradient)

    def _step(self, gradient: Array) -> None:
        self.steps += 1
        self.means += (1 - FAST) * (gradient - self.means)
        self.squares += (1 - SLOW) * (gradient * gradient - self.squares)
        mean = self.means / (1 - FAST**self.steps)
        square = self.squares / (1 - SLOW**self.steps)
        self.weights -= self.rate * mean / (np.sqrt(square) + TINY)

    def state(self) -> State:
        """Scaler, weights and moments as plain lists."""
        vectors = {name: getattr(self, name).tolist() for name in ("weights", "means", "squares")}
        return {"scaler": self.scaler, "steps": self.steps, **vectors}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.steps = state["scaler"], state["steps"]
        for name in ("weights", "means", "squares"):
            setattr(self, name, np.array(state[name]))

    def export(self) -> Numbers:
        """Means, variances and the layers."""
        into, offsets, out = self._layers(self.weights)
        layers: dict[str, Any] = {"into": into, "offsets": offsets, "out": out}
        return {
            "kind": "network",
            **self.scale(),
            **{name: values.tolist() for name, values in layers.items()},
        }
