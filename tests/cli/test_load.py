"""`portrait load` sends the shop as it is, at the rate that was asked for, until it is over."""

import itertools
import time
from collections.abc import Iterator

import pytest

from streams.cli import ingest
from streams.cli.ingest import load_command
from streams.shop import Sent


class NumberedShop:
    """Its events are numbers, one after the other, for ever."""

    def __init__(self, _seed: int, _customers: int, _start_ms: int) -> None:
        pass

    def events(self, _until_ms: int) -> Iterator[Sent]:
        return (Sent("browse", "c1", str(each).encode(), each) for each in itertools.count())


class NotedFeed:
    """Keeps what is sent."""

    last: "NotedFeed"

    def __init__(self, _brokers: list[str], _prefix: str) -> None:
        NotedFeed.last = self
        self.payloads: list[bytes] = []

    @property
    def acknowledged(self) -> int:
        return len(self.payloads)

    def greet(self) -> None:
        pass

    def send(self, _kind: str, _key: str, payload: bytes) -> None:
        self.payloads.append(payload)

    def flush(self) -> None:
        pass


@pytest.fixture(autouse=True)
def nothing_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "Feed", NotedFeed)
    monkeypatch.setattr(ingest, "Shop", NumberedShop)
    monkeypatch.setattr(ingest, "raise_when_stopped", lambda: None)  # signals are left alone


def test_no_event_of_the_shop_is_left_out_between_two_looks_at_the_clock() -> None:
    load_command(rate=100, seconds=0.5, customers=10, seed=1)
    sent = NotedFeed.last.payloads
    assert 0 < len(sent) <= 50
    assert sent == [str(each).encode() for each in range(len(sent))]


def test_a_rate_beyond_what_can_be_sent_ends_in_time_all_the_same() -> None:
    started = time.monotonic()
    load_command(rate=1e7, seconds=0.2, customers=10, seed=1)
    assert time.monotonic() - started < 1.5
