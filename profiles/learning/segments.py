"""Which kind of customer is this? Clusters of customers as they are when they order."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from profiles.learning.features import NAMES
from profiles.learning.models.named_k_means import NamedKMeans
from profiles.learning.task import Kind, ModelFactory, Task, Text

# The names, by rising engagement of the centre when they are given. They are given once, after the
# warm-up, and stay with their clusters wherever these move.
LADDER = ("casual", "occasional", "promising", "loyal", "champions")

# How often, how much at once, how much is looked at: habits. Totals since the beginning would tell
# the old from the new instead.
FEATURES = ("decayed_orders_90", "items_per_order", "views_30")
ENGAGEMENT = tuple(FEATURES.index(name) for name in ("decayed_orders_90", "items_per_order"))

KNOWN_FOR_DAYS = 60.0  # until then the figures say when a customer came, not what they are like

_TENURE = NAMES.index("tenure_days")


class Segments(Task):
    """Five segments, relative to this shop; no labels, so nothing is awaited.

    They are learnt from customers known for KNOWN_FOR_DAYS; everybody is assigned to one.
    """

    name = "segment"
    question = Text("Which kind of customer is this?", "这是哪一类客户？")
    kind = Kind.CLUSTERS
    asked_at = "order"
    features = FEATURES
    warm_up = 0
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "k_means": partial(
            NamedKMeans,
            ladder=LADDER,
            engagement=ENGAGEMENT,
            pace=FEATURES.index("decayed_orders_90"),
        )
    }

    def asks(self, features: Sequence[float]) -> bool:
        """Not about newcomers."""
        return features[_TENURE] >= KNOWN_FOR_DAYS
