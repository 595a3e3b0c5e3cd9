"""Customers that nobody acts on: what their answers are, beside those of the others."""

from typing import Any

import xxhash

from profiles.learning.model import Numbers, State

SALT = 1  # so that who is held out has nothing to do with who is sampled


def held_out(customer: str, share: float) -> bool:
    """Whether a customer belongs to the `share` (0..1) that is scored but not acted on.

    >>> sum(held_out(str(number), 0.1) for number in range(10_000))
    1015
    """
    return bool(share) and xxhash.xxh64_intdigest(customer.encode(), SALT) < share * 2**64


class Arms:
    """Mean answers of the two groups; a class or a text as an answer has no mean.

    >>> arms = Arms()
    >>> for held, left in (True, True), (True, False), (False, False): arms.add(held, left)
    >>> arms.card()
    {'others': {'n': 1, 'mean': 0.0}, 'held_out': {'n': 2, 'mean': 0.5}}
    """

    def __init__(self) -> None:
        self._sums = [[0, 0.0], [0, 0.0]]  # [held out] -> number, sum

    def add(self, held: bool, label: Any) -> None:
        """Count one answer."""
        if isinstance(label, bool | int | float):
            arm = self._sums[held]
            arm[0] += 1
            arm[1] += label

    def card(self) -> Numbers:
        """Number and mean answer of each group: their difference is what acting did."""
        return {
            name: {"n": n, "mean": total / n if n else None}
            for name, (n, total) in zip(("others", "held_out"), self._sums, strict=True)
        }

    def state(self) -> State:
        """Plain containers."""
        return {"sums": [list(arm) for arm in self._sums]}

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self._sums = state["sums"]
