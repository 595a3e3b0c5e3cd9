"""`portrait run`: a source to its end, with a progress bar and a summary."""

from pathlib import Path

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from profiles.settings import Settings
from schemas.errors import PortraitError
from schemas.mapping import TableMapping
from streams.cli.logs import set_up_logging
from streams.cli.settings import load_settings
from streams.cli.signals import Stopped, raise_when_stopped
from streams.cli.tables import FoldingTable, screen
from streams.run.source import Summary, run_source
from streams.sources import load_mapping


class NothingAcceptedError(PortraitError):
    """Events were read, and not one of them is in a profile."""


def run_command(source: str, mapping: str, export: Path | None, json: bool) -> None:
    """Run, and print the summary: as JSON on standard output, or as a table.

    Raises:
        NothingAcceptedError: every event was rejected; the summary has been printed.
    """
    settings = load_settings()
    set_up_logging(settings.model_copy(update={"log_level": "warning"}))
    table = load_mapping(mapping)
    raise_when_stopped()
    try:
        summary = _run(source, table, settings, export)
    except Stopped as stopped:
        typer.echo(
            "portrait: stopped before the end: there is no summary and no export, "
            "and the next run begins anew",
            err=True,
        )
        raise typer.Exit(stopped.exit_code) from stopped
    if json:
        typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
    else:
        show(summary)
    if summary["rejected"] and summary["rejected"] == summary["events_read"]:
        raise NothingAcceptedError(
            "no event was accepted: does the mapping fit the source?",
            source=source,
            mapping=mapping,
            reasons=summary["rejected_by_reason"],
        )


def _run(source: str, table: TableMapping, settings: Settings, export: Path | None) -> Summary:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("profiles", total=None)
        rows = 0

        def on_progress(read: int, stored: int) -> None:
            nonlocal rows
            rows += read
            bar.update(task, completed=stored, total=rows)

        return run_source(source, table, settings, export, on_progress)


def show(summary: Summary) -> None:
    """Print a summary for people."""
    table = FoldingTable(show_header=False, box=None, pad_edge=False)
    for name, value in summary.items():
        if not isinstance(value, dict):
            table.add_row(name.replace("_", " "), _text(value))
    for line in report_lines(summary.get("rows", {}), summary.get("preprocessed", {})):
        table.add_row(*line)
    for reason, number in summary["rejected_by_reason"].items():
        table.add_row(f"rejected, {reason}", _text(number))
    for task, metrics in summary["models"].items():
        for name, value in metrics.items():
            if isinstance(value, int | float):  # curves and tables are in --json
                table.add_row(f"{task}, {name.replace('_', ' ')}", _text(value))
    screen().print(table)


def report_lines(rows: dict[str, int], fields: dict[str, dict[str, int]]) -> list[tuple[str, str]]:
    """Return what became of rows and fields before they were sent, as (what, how many).

    >>> report_lines({"broken": 2}, {"price": {"outliers_clipped": 1}})
    [('rows broken', '2'), ('price, outliers clipped', '1')]
    """
    found = [(f"rows {deed.replace('_', ' ')}", _text(count)) for deed, count in rows.items()]
    return found + [
        (f"{field}, {deed.replace('_', ' ')}", _text(count))
        for field, deeds in fields.items()
        for deed, count in deeds.items()
    ]


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
