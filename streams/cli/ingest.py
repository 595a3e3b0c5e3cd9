"""`portrait ingest` and `portrait load`: events for the configured Kafka."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

import orjson
import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from schemas.topics import KIND_OF_TYPE
from streams.cli.run import report_lines
from streams.cli.settings import load_settings
from streams.cli.signals import Stopped, raise_when_stopped
from streams.feed import STOP_SECONDS, Feed
from streams.outbox import NotAcknowledgedError
from streams.shop import Sent, Shop
from streams.sources import load_mapping

DAY_MS = 86_400_000
LOOK_SECONDS = 0.1


def ingest_command(source: str, mapping: str, json: bool) -> None:
    """Send a source's events, and say how many, even when a signal ends it half way."""
    settings = load_settings()
    table = load_mapping(mapping)
    feed = Feed(settings.brokers, settings.topic_prefix)
    started = time.monotonic()
    bar = Progress(
        TextColumn("{task.completed} rows"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("rows")
    raise_when_stopped()
    try:
        feed.greet({KIND_OF_TYPE[rule.type] for rule in table.spec.event})
        with bar:
            report = feed.send_source(source, table, lambda read: bar.advance(task, read))
            feed.flush()
    except Stopped as stopped:
        _tell_stopped(bar.tasks[task].completed, feed)
        raise typer.Exit(stopped.exit_code) from stopped
    seconds = time.monotonic() - started
    rows = report["rows"].pop("read")
    summary = {
        "rows_read": rows,
        "events_sent": feed.sent,
        "seconds": round(seconds, 2),
        "rows": report["rows"],
        "preprocessed": report["fields"],
    }
    if json:
        typer.echo(orjson.dumps(summary).decode())
    else:
        typer.echo(f"{rows:,} rows read, {feed.sent:,} events sent in {seconds:.1f} s")
        for line in report_lines(report["rows"], report["fields"]):
            typer.echo(": ".join(line))


def _tell_stopped(rows: float, feed: Feed) -> None:
    with contextlib.suppress(NotAcknowledgedError):  # is told in numbers
        feed.flush(STOP_SECONDS)
    unsure = feed.sent - feed.acknowledged
    typer.echo(
        f"portrait: stopped: {rows:,} rows read, {feed.acknowledged:,} events sent"
        + (f", {unsure:,} more not acknowledged by PORTRAIT_KAFKA" if unsure else "")
        + "; the same command again is safe: what is sent twice counts once",
        err=True,
    )


def load_command(rate: float, seconds: float | None, customers: int, seed: int) -> None:
    """Send a synthetic shop's events at a steady rate, until the time is over or a signal."""
    settings = load_settings()
    feed = Feed(settings.brokers, settings.topic_prefix)
    feed.greet()
    now_ms = int(time.time() * 1000)
    events = Shop(seed, customers, now_ms - 365 * DAY_MS).events(now_ms)
    started = time.monotonic()

    def over() -> bool:
        return seconds is not None and time.monotonic() - started >= seconds

    raise_when_stopped()
    try:
        for event in _paced(events, rate, over):
            feed.send(event.kind, event.customer_id, event.payload)
        feed.flush()
    except Stopped:
        feed.flush(STOP_SECONDS)
    finally:
        typer.echo(f"{feed.acknowledged:,} events sent in {time.monotonic() - started:.1f} s")


def _paced(events: Iterable[Sent], rate: float, over: Callable[[], bool]) -> Iterator[Sent]:
    """Yield each event when it is due, so many a second, until it is over or they are."""
    started = time.monotonic()
    for number, event in enumerate(events):
        while not over() and number >= (time.monotonic() - started) * rate:
            time.sleep(LOOK_SECONDS)
        if over():
            return
        yield event
