"""Factorization machines: which pairs of features mean more together (Rendle, ICDM 2010)."""

from typing import Any

import numpy as np
from river.facto import FMClassifier

from profiles.learning.model import Numbers, Row, State
from profiles.learning.models.scaled import Scaled

SEED = 20101213
STEEPEST = 1.0


class Factorization(Scaled):
    """Weights for features, and for pairs the product of their `factors` latent numbers (river)."""

    def __init__(self, width: int, factors: int = 4) -> None:
        super().__init__(width)
        self.model: Any = FMClassifier(n_factors=factors, seed=SEED, clip_gradient=STEEPEST)
        for position in range(width):  # drawn now and in order, not when a feature first appears
            self.model.latents[position]

    def predict(self, x: Row) -> float:
        """P(True)."""
        return float(self.model.predict_proba_one(self.scaled(x))[True])

    def learn(self, x: Row, label: bool) -> None:
        """One step down the gradient."""
        self.model.learn_one(self.scaled(x), label)

    def state(self) -> State:
        """Scaler, weights and latent numbers: the object itself holds functions."""
        numbers = self.export()
        return {
            "scaler": self.scaler,
            **{k: numbers[k] for k in ("weights", "latents", "intercept")},
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.model.intercept = state["scaler"], state["intercept"]
        for position, (weight, latents) in enumerate(
            zip(state["weights"], state["latents"], strict=True)
        ):
            self.model.weights[position] = weight
            self.model.latents[position] = np.array(latents)

    def export(self) -> Numbers:
        """Means, variances, weights, latent numbers (width, factors) and intercept."""
        positions = range(self.width)
        return {
            "kind": "factorization",
            **self.scale(),
            "weights": [float(self.model.weights[i]) for i in positions],
            "latents": [[float(value) for value in self.model.latents[i]] for i in positions],
            "intercept": float(self.model.intercept),
        }
