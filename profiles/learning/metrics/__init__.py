"""How good a model is, measured on every example before it is learnt from.

Progressive validation: Blum, Kalai and Langford, "Beating the hold-out", COLT 1999.
"""

from collections.abc import Callable

from profiles.learning.metrics.anomaly import AnomalyMetrics
from profiles.learning.metrics.binary import BinaryMetrics
from profiles.learning.metrics.clusters import ClusterMetrics
from profiles.learning.metrics.metrics import Metrics
from profiles.learning.metrics.multiclass import MulticlassMetrics
from profiles.learning.metrics.regression import RegressionMetrics
from profiles.learning.metrics.topics import TopicMetrics
from profiles.learning.task import Kind

FAMILIES: dict[Kind, Callable[[], Metrics]] = {
    Kind.BINARY: BinaryMetrics,
    Kind.MULTICLASS: MulticlassMetrics,
    Kind.REGRESSION: RegressionMetrics,
    Kind.CLUSTERS: ClusterMetrics,
    Kind.ANOMALY: AnomalyMetrics,
    Kind.TOPICS: TopicMetrics,
}
"""The figures of each kind of task, all in bounded memory."""
