"""Which kind of customer is this? Clusters of customers as they are when they order."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from profiles.learning.models.named_k_means import NamedKMeans
from profiles.learning.task import Kind, ModelFactory, Task, Text

# The names, by rising engagement of the centre when they are given. They are given once, after the
# warm-up, and stay with their clusters wherever these move.
LADDER = ("newcomers", "occasional", "promising", "loyal", "champions")
FEATURES = ("orders", "revenue", "decayed_orders_90", "last_gap_days")
ENGAGEMENT = tuple(FEATURES.index(name) for name in ("orders", "revenue", "decayed_orders_90"))


class Segments(Task):
    """Five segments, relative to this shop; no labels, so nothing is awaited."""

    name = "segment"
    question = Text("Which kind of customer is this?", "这是哪一类客户？")
    kind = Kind.CLUSTERS
    asked_at = "order"
    features = FEATURES
    warm_up = 0
    models: ClassVar[Mapping[str, ModelFactory]] = {
        "k_means": partial(NamedKMeans, ladder=LADDER, engagement=ENGAGEMENT)
    }
