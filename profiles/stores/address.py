"""Where a Redis or a Redis Cluster is: what its URL says, and what can be wrong with it."""

from urllib.parse import unquote, urlsplit

from redis.connection import parse_url

CLUSTER = "+cluster"
"""Marks the scheme of a cluster's URL: `redis+cluster://host:port` of any of its nodes."""

UNIX = "unix"


def plain_url(url: str) -> tuple[str, bool]:
    """Return the URL as redis-py knows it, and whether it is a cluster's.

    >>> plain_url("rediss+cluster://127.0.0.1:7000")
    ('rediss://127.0.0.1:7000', True)
    """
    scheme, separator, rest = url.partition("://")
    return scheme.removesuffix(CLUSTER) + separator + rest, scheme.endswith(CLUSTER)


def fault_of(url: str) -> str | None:
    """Say what is wrong with a URL, None where nothing is.

    >>> fault_of("redis://127.0.0.1:6379/zero")
    "the database 'zero' is no number"
    """
    plain, clustered = plain_url(url)
    try:
        said = parse_url(plain)  # type: ignore[no-untyped-call]  # redis-py's
        parts = urlsplit(plain)
    except ValueError as error:  # of the port and of options after the question mark
        return str(error)
    if parts.scheme == UNIX:
        return None if parts.path else "there is no path of a socket"
    if not parts.hostname:
        return "there is no host"
    database = unquote(parts.path).replace("/", "")  # as redis-py reads it
    if database and not (database.isascii() and database.isdigit()):
        return f"the database {database!r} is no number"
    return "a cluster has one database, 0" if clustered and said.get("db", 0) else None
