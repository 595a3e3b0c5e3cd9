"""However a command ends, and whatever server is missing: it leaves nothing behind."""

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from streams.cli.signals import SIGNALS, Stopped, raise_when_stopped
from streams.sources.source import DEFAULT_ROWS
from tests.cli.conftest import Servers, environment
from tests.journey.command import PORTRAIT

START_SECONDS, END_SECONDS = 60, 20  # bounds, not expectations
POLL_SECONDS = 0.05
CHILDREN = 3  # Redis, worker, learner
ROWS = 400_000  # more than a run gets through before it is ended

MAPPING = """
[fields]
customer_id = "who"
price = "price"
ts = "at"

[[event]]
type = "purchase"
"""
MAPPED = ("--mapping", "orders.toml")
NOBODY = {"kafka": "127.0.0.1:1", "redis_url": "redis://127.0.0.1:1/0"}


@contextlib.contextmanager
def started(
    directory: Path, *arguments: str, stdin: int = subprocess.DEVNULL, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A command under way; its output is in `directory/output`."""
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [PORTRAIT, *arguments],
            env=environment(**settings),
            cwd=directory,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it holds; tell whether it does."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return condition()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie is dead, its exit is only unread."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """All descendants, once the command has all that it needs."""
    parent = psutil.Process(process.pid)
    assert wait_for(lambda: len(parent.children(recursive=True)) >= CHILDREN, START_SECONDS)
    return parent.children(recursive=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A directory with a large table and its mapping."""
    (tmp_path / "orders.toml").write_text(MAPPING)
    lines = (f"c{n % 999},1.5,{1_600_000_000_000 + n}" for n in range(ROWS))
    (tmp_path / "orders.csv").write_text("\n".join(["who,price,at", *lines]))
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("command", [("run", "orders.csv", *MAPPED), ("shop", "--customers", "50")])
def test_a_command_that_is_ended_leaves_no_process_behind(
    redis_server: object, source: Path, command: tuple[str, ...], number: signal.Signals
) -> None:
    with started(source, *command) as process:
        children = family(process)
        process.send_signal(number)
        process.wait(START_SECONDS)
        assert wait_for(lambda: not alive(children), END_SECONDS), alive(children)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_so_and_leaves_no_files_behind(
    redis_server: object, source: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = source / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    with started(source, "run", "orders.csv", *MAPPED, "--export", "profiles") as process:
        family(process)
        process.send_signal(number)
        assert process.wait(END_SECONDS) == 128 + number
    assert "portrait: stopped before the end" in (source / "output").read_text()
    assert not list(scratch.iterdir())
    assert not (source / "profiles").exists()


@pytest.fixture
def own_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test does with signals ends with it."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_that_comes_while_something_is_destroyed_is_not_lost(own_signals: None) -> None:
    class Interrupted:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)  # what its handler raises goes nowhere

    raise_when_stopped()
    with pytest.raises(Stopped):
        Interrupted()
        time.sleep(START_SECONDS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_shop_that_is_stopped_sums_up(
    redis_server: object, tmp_path: Path, number: signal.Signals
) -> None:
    with started(tmp_path, "shop", "--customers", "50", "--json") as process:
        family(process)
        process.send_signal(number)
        assert process.wait(START_SECONDS) == 0
    assert b'"events_read"' in (tmp_path / "output").read_bytes()


def test_a_shop_that_is_stopped_before_it_opens_sums_up(
    redis_server: object, tmp_path: Path
) -> None:
    with started(tmp_path, "shop", "--seconds", "0", "--json") as process:
        assert process.wait(START_SECONDS) == 0
    assert b'"events_read": 0' in (tmp_path / "output").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_ingest_that_is_stopped_sends_what_it_read_and_says_how_much_that_is(
    tmp_path: Path, servers: Servers, number: signal.Signals
) -> None:
    (tmp_path / "orders.toml").write_text(f'source.format = "csv"\n{MAPPING}')
    with started(
        tmp_path, "ingest", "-", *MAPPED, stdin=subprocess.PIPE, **servers.settings
    ) as process:
        assert process.stdin is not None
        rows = b"anna,1.5,1600000000000\n" * (DEFAULT_ROWS + 1)
        process.stdin.write(b"who,price,at\n" + rows)
        process.stdin.flush()  # and the command waits for more
        assert wait_for(lambda: servers.events() == DEFAULT_ROWS, START_SECONDS)
        process.send_signal(number)
        assert process.wait(END_SECONDS) == 128 + number
    (line,) = (tmp_path / "output").read_text().strip().splitlines()
    assert "stopped: 5,000 rows read, 5,000 events sent" in line
    assert "again is safe" in line


def away(directory: Path) -> list[str]:
    """The lines about a server that is away."""
    return re.findall(".*trying until it is back.*", (directory / "output").read_text())


@pytest.mark.parametrize("role", ["worker", "learner"])
def test_a_process_without_kafka_says_so_and_can_be_ended(tmp_path: Path, role: str) -> None:
    with started(tmp_path, role, model_key="k", **NOBODY) as process:
        assert wait_for(lambda: bool(away(tmp_path)), START_SECONDS)
        assert "127.0.0.1:1" in away(tmp_path)[0]
        process.terminate()
        assert process.wait(END_SECONDS) == 0
    assert_plain(tmp_path)


def test_a_misspelt_setting_is_named_in_the_log_of_a_process_that_goes_without(
    tmp_path: Path,
) -> None:
    with started(tmp_path, "worker", model_key="k", batch_record="9", **NOBODY) as process:
        assert wait_for(lambda: bool(away(tmp_path)), START_SECONDS)
        process.terminate()
        assert process.wait(END_SECONDS) == 0
    (line, *_rest) = (tmp_path / "output").read_text().splitlines()
    assert "PORTRAIT_BATCH_RECORD" in line
    assert "warning" in line


def test_a_worker_that_asks_no_models_starts_without_their_key(tmp_path: Path) -> None:
    with started(tmp_path, "worker", learning="false", **NOBODY) as process:
        assert wait_for(lambda: bool(away(tmp_path)), START_SECONDS)  # it waits for its servers
        process.terminate()
        assert process.wait(END_SECONDS) == 0


def test_a_worker_without_redis_says_so_and_can_be_ended(tmp_path: Path, servers: Servers) -> None:
    settings = servers.settings | {"redis_url": NOBODY["redis_url"]}
    with started(tmp_path, "worker", **settings) as process:
        assert wait_for(lambda: bool(away(tmp_path)), START_SECONDS)
        assert "127.0.0.1:1" in away(tmp_path)[0]
        process.terminate()
        assert process.wait(END_SECONDS) == 0
    assert_plain(tmp_path)


def assert_plain(directory: Path) -> None:
    """One line, however often it is tried, and no traceback."""
    assert len(away(directory)) == len((directory / "output").read_text().splitlines()) == 1
