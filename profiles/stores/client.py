"""The connection to Redis: a silent server is away, and callers decide when to try again."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

ANSWER_SECONDS = 5.0
"""A call takes milliseconds; one without an answer for so long never gets one."""


def connect(url: str) -> Redis:
    """Return a client that raises within seconds where the server is away, cut off or frozen."""
    return Redis.from_url(
        url,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )
