"""A Kafka broker and a Redis of our own, for a laptop and for tests: started here, gone with us."""

from streams.embedded.broker import EmbeddedBroker
from streams.embedded.child import Child
from streams.embedded.errors import EmbeddedServerError
from streams.embedded.redis import EmbeddedRedis
from streams.embedded.stack import EmbeddedStack

__all__ = ["Child", "EmbeddedBroker", "EmbeddedRedis", "EmbeddedServerError", "EmbeddedStack"]
