"""Does 0.7 happen seven times in ten? Reliability bins of predicted probabilities."""

from profiles.learning.metrics.curves import share
from profiles.learning.model import Numbers, State

BINS = 10


class Calibration:
    """Counts, positives and the sum of predictions, by tenths of the predicted probability.

    >>> calibration = Calibration()
    >>> for probability, label in (0.25, False), (0.25, True), (0.75, True):
    ...     calibration.update(probability, label)
    >>> calibration.error()
    0.25
    """

    def __init__(self) -> None:
        self.counts = [0] * BINS
        self.positives = [0] * BINS
        self.sums = [0.0] * BINS

    def update(self, probability: float, label: bool) -> None:
        """Count one prediction, 0..1."""
        place = min(int(probability * BINS), BINS - 1)
        self.counts[place] += 1
        self.positives[place] += label
        self.sums[place] += probability

    def error(self) -> float | None:
        """Expected calibration error: mean gap of prediction and frequency, weighted by counts.

        Naeini, Cooper and Hauskrecht, AAAI 2015.
        """
        gaps = (abs(p - s) for p, s in zip(self.positives, self.sums, strict=True))
        return share(sum(gaps), sum(self.counts))

    def points(self) -> list[Numbers]:
        """Mean prediction, frequency and n of each bin that has any."""
        return [
            {"predicted": total / n, "observed": positives / n, "n": n}
            for n, positives, total in zip(self.counts, self.positives, self.sums, strict=True)
            if n
        ]

    def state(self) -> State:
        """Plain lists."""
        return dict(vars(self))

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        vars(self).update(state)
