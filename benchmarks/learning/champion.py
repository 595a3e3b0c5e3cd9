"""The churn task's own models: its champion and its challengers.

The tables ask who buys, the task who stays away; the models treat both answers alike.
"""

from benchmarks.learning.examples import Column, Examples
from benchmarks.learning.online import progressive
from profiles.learning.churn import Churn
from profiles.learning.features import Selection

MODELS = {f"online {name}": make for name, make in Churn.models.items()}
CHAMPION = next(iter(MODELS))


def scores(name: str, examples: Examples) -> Column:
    """Progressive scores of one of them, untaught at first."""
    model = MODELS[name](len(Churn.features))
    return progressive(model, examples, Selection(Churn.features))
