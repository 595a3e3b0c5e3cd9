"""An empty Redis, or Redis Cluster."""

from tests.population.conftest import client, url

__all__ = ["client", "url"]
