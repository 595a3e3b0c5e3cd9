"""Questions asked and answered in event time: score first, learn when the answer is known."""

from collections.abc import Iterator

import numpy as np

from benchmarks.learning.examples import Examples


def schedule(examples: Examples) -> Iterator[tuple[int, bool]]:
    """Places of examples in the order of time, and whether to learn (True) or to ask (False)."""
    due = np.argsort(examples.due_at, kind="stable").tolist()
    learnt = 0
    for place, asked_at in enumerate(examples.asked_at.tolist()):
        while learnt < len(due) and examples.due_at[due[learnt]] <= asked_at:
            yield due[learnt], True
            learnt += 1
        yield place, False
