"""Every fault there is, a file for each sort of thing that breaks."""

from tests.faults.faults import FAULTS
from tests.faults.kinds import input, kafka, learning, network, redis, wide, workers

__all__ = ["FAULTS", "input", "kafka", "learning", "network", "redis", "wide", "workers"]
