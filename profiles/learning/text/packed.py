"""Weights of a text model small enough to travel: what workers score with.

A million float weights are 4 MB; the strongest quarter of them, each in one byte, loses no
accuracy that could be measured and takes about a tenth (docs/learning-text.md).
"""

import base64
import math
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.learning.text.many import Texts
from profiles.learning.text.ngrams import NGrams

Weights = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Numbers = dict[str, Any]

KEPT = 1 << 17  # weights that travel: under half a megabyte as JSON
LEVELS = 127  # of a signed byte
SURE = 30.0  # exp(-30) is 1e-13


def pack(weights: Weights, ngrams: NGrams, kept: int = KEPT) -> Numbers:
    """JSON of the `kept` strongest weights (size,), each rounded to 1/127 of the strongest."""
    strength = np.abs(weights)
    weakest = np.partition(strength, -kept)[-kept] if kept < len(weights) else 0.0
    step = max(float(strength.max()), 1e-9) / LEVELS
    levels = np.where(strength >= weakest, np.rint(weights / step), 0).astype(np.int8)
    return {
        "kind": "text",
        "bits": ngrams.bits,
        "n": ngrams.n,
        "step": step,
        "levels": base64.b64encode(zlib.compress(levels.tobytes())).decode(),
    }


class TextScorer:
    """Probabilities and their reasons, from what `pack` gave.

    >>> ngrams = NGrams(bits=8)
    >>> weights = np.zeros(ngrams.size, np.float32)
    >>> weights[ngrams.indices("好")] = 1.0
    >>> scorer = TextScorer(pack(weights, ngrams))
    >>> round(scorer.score(["好", ""])[0], 4), scorer.reasons("好", 1)
    (0.8851, [('│好│', 1.0)])
    """

    def __init__(self, numbers: Numbers) -> None:
        self.ngrams = NGrams(numbers["bits"], numbers["n"])
        levels = zlib.decompress(base64.b64decode(numbers["levels"]))
        self.weights: Weights = np.frombuffer(levels, np.int8) * np.float32(numbers["step"])

    def score(self, texts: list[str]) -> list[float]:
        """P(true) of each text."""
        odds: list[float] = self.log_odds(Texts.read(texts)).tolist()
        return [sigmoid(each) for each in odds]

    def log_odds(self, texts: Texts) -> Floats:
        """log(P(true) / P(false)) (texts.count,); sums are of 64 bits, whatever the batch."""
        size = np.int64(self.ngrams.size)
        found = texts.orders[: self.ngrams.n]
        keys = np.unique(
            np.concatenate([each.texts * size + self.ngrams.of(each.hashes) for each in found])
        )
        owners, indices = np.divmod(keys, size)
        lengths = np.bincount(owners, minlength=texts.count)
        sums = np.bincount(owners, self.weights[indices], texts.count)
        odds: Floats = sums / np.sqrt(lengths + 1)
        return odds

    def reasons(self, text: str, count: int = 3) -> list[tuple[str, float]]:
        """The n-grams that spoke loudest, with what they added; positive ones for true.

        Of those that contain one another, the loudest stands for all.
        """
        named = self.ngrams.named(text)
        spoken = [(name, float(self.weights[index])) for index, name in named.items()]
        spoken.sort(key=lambda pair: (-abs(pair[1]), -len(pair[0]), pair[0]))
        chosen: list[tuple[str, float]] = []
        for name, weight in spoken:
            if weight and not any(name in other or other in name for other, _ in chosen):
                chosen.append((name, weight))
            if len(chosen) == count:
                break
        return chosen


def sigmoid(log_odds: float) -> float:
    """The probability with these log-odds.

    >>> sigmoid(0.0), round(sigmoid(math.log(3.0)), 6)
    (0.5, 0.75)
    """
    return 1.0 / (1.0 + math.exp(-max(-SURE, min(SURE, log_odds))))
