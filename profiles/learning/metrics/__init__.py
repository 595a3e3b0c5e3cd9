"""How good a model is, measured on every example before it is learnt from.

Progressive validation: Blum, Kalai and Langford, "Beating the hold-out", COLT 1999.
"""

from collections.abc import Callable

from profiles.learning.metrics.binary import BinaryMetrics
from profiles.learning.metrics.clusters import ClusterMetrics
from profiles.learning.metrics.metrics import Metrics
from profiles.learning.task import Kind

FAMILIES: dict[Kind, Callable[[], Metrics]] = {
    Kind.BINARY: BinaryMetrics,
    Kind.CLUSTERS: ClusterMetrics,
}
"""The figures of each kind of task, all in bounded memory."""
