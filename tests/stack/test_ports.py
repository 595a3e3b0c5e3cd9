"""Ports are kept, and are none that the system would lend to a client in the meantime."""

import socket
from pathlib import Path

import pytest

from streams.stack.errors import DirectoryError
from streams.stack.ports import PEER_OFFSET, free_port, kept_port


def test_a_port_once_chosen_is_kept(tmp_path):
    file = tmp_path / "server" / "port"
    assert kept_port(file) == kept_port(file)


@pytest.mark.parametrize("noted", ["", "many", "²"])
def test_a_file_that_notes_no_port_is_named(tmp_path: Path, noted: str) -> None:
    file = tmp_path / "port"
    file.write_text(noted)
    with pytest.raises(DirectoryError, match="no port is noted") as caught:
        kept_port(file)
    assert (caught.value.path, caught.value.value) == (str(file), noted)


def test_port_and_peer_port_are_free_and_outside_of_the_system_s_range():
    lent = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not lent.exists():
        pytest.skip("not a Linux")
    first, last = map(int, lent.read_text().split())
    for port in (base := free_port(), base + PEER_OFFSET):
        assert not first <= port <= last
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_no_port_is_given_twice() -> None:
    """A cluster's nodes choose theirs before the first of them binds its own."""
    ports = [free_port() for _ in range(300)]
    pairs = {*ports, *(port + PEER_OFFSET for port in ports)}
    assert len(pairs) == 2 * len(ports)
