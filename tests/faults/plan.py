"""Which fault comes when: a pure function of the seed."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class Round(NamedTuple):
    """One fault: its number in the plan, its kind and name, and a seed of its own."""

    number: int
    kind: int
    fault: str
    seed: str

    @property
    def draw(self) -> random.Random:
        """Return the round's own source of chance."""
        return random.Random(self.seed)


def plan(seed: int, kinds: Mapping[int, Sequence[str]]) -> Iterator[Round]:
    """Yield rounds without end; `kinds` names the faults of each kind.

    Every kind comes once before any comes again, and so do the faults of a kind.

    >>> rounds = plan(1, {1: ["killed"], 2: ["ended", "ended at once"]})
    >>> sorted(next(rounds).fault for _ in range(4))
    ['ended', 'ended at once', 'killed', 'killed']
    """
    chance = random.Random(seed)
    order = {kind: chance.sample(faults, len(faults)) for kind, faults in sorted(kinds.items())}
    numbers = itertools.count()
    for turn in itertools.count():
        for kind in chance.sample(sorted(kinds), len(kinds)):
            fault = order[kind][turn % len(order[kind])]
            number = next(numbers)
            yield Round(number, kind, fault, f"{seed}/{number}/{fault}")
