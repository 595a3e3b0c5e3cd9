"""A Redis behind a Unix socket is reached as one behind a port is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from profiles.stores.client import connect, connect_sync
from streams.embedded import EmbeddedServerError
from streams.embedded.child import Child
from streams.embedded.redis import find_binary, server_command
from tests.conftest import cannot_be_had

DATABASE = 3
NO_PORT = 0
TRIES, PAUSE_SECONDS = 600, 0.1  # a bound, not an expectation


@pytest.fixture
def socket_url(tmp_path: Path) -> Iterator[str]:
    """A database of a Redis that listens on a Unix socket alone."""
    path = tmp_path / "redis.sock"
    try:
        command = server_command(find_binary(), NO_PORT, tmp_path, unixsocket=str(path))
    except EmbeddedServerError as error:
        cannot_be_had(error)
    with (tmp_path / "log").open("wb") as log:
        server = Child(command, output=log)
    try:
        backoff = redis.backoff.ConstantBackoff(PAUSE_SECONDS)
        with redis.Redis(unix_socket_path=str(path), retry=redis.retry.Retry(backoff, TRIES)) as up:
            up.ping()
        yield f"unix://{path}?db={DATABASE}"
    finally:
        server.stop()


async def test_both_clients_reach_the_database_behind_a_unix_socket(socket_url: str) -> None:
    async with connect(socket_url) as client:
        await client.set("who", "anna")
    with connect_sync(socket_url, decode_responses=True) as client:
        assert client.get("who") == "anna"
        assert client.info("keyspace").keys() == {f"db{DATABASE}"}
