"""`portrait ingest` and `portrait load`: events for the configured Kafka."""

import time

import orjson
import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from streams.cli.run import report_lines
from streams.cli.settings import load_settings
from streams.cli.signals import Stopped, StopSignal, raise_when_stopped
from streams.feed import Feed
from streams.shop import Shop
from streams.sources import load_mapping

DAY_MS = 86_400_000
LOOK_SECONDS = 0.1


def ingest_command(source: str, mapping: str, json: bool) -> None:
    """Send a source's events, and say how many, even when a signal ends it half way."""
    settings = load_settings()
    table = load_mapping(mapping)
    feed = Feed(settings.brokers, settings.topic_prefix)
    feed.greet()
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
        with bar:
            report = feed.send_source(source, table, lambda read: bar.advance(task, read))
            feed.flush()
    except Stopped as stopped:
        typer.echo(
            f"portrait: stopped: {bar.tasks[task].completed:,} rows read, "
            f"{feed.acknowledged:,} events sent; the same command again is safe: "
            "what is sent twice counts once",
            err=True,
        )
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


def load_command(rate: float, seconds: float | None, customers: int, seed: int) -> None:
    """Send a synthetic shop's events at a steady rate, until the time is over or a signal."""
    settings = load_settings()
    feed = Feed(settings.brokers, settings.topic_prefix)
    feed.greet()
    stop = StopSignal()
    now_ms = int(time.time() * 1000)
    events = Shop(seed, customers, now_ms - 365 * DAY_MS).events(now_ms)
    started = time.monotonic()
    while not stop.asked and (seconds is None or time.monotonic() - started < seconds):
        due = int((time.monotonic() - started) * rate) - feed.sent
        for event in events:
            if due <= 0:
                break
            feed.send(event.kind, event.customer_id, event.payload)
            due -= 1
        else:
            break  # the shop's year is over
        time.sleep(LOOK_SECONDS)
    feed.flush()
    typer.echo(f"{feed.sent:,} events sent in {time.monotonic() - started:.1f} s")
