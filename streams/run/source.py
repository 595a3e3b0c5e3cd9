"""Take a whole source through the embedded stack, and account for every event of it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from profiles.chosen import folding_of
from profiles.settings import Settings
from schemas.errors import PortraitError
from schemas.mapping import TableMapping
from streams.feed import Feed
from streams.run.accounts import count, export, model_cards
from streams.run.export import check_export, export_file
from streams.run.stack import RunningStack

Summary = dict[str, Any]


class UnaccountedError(PortraitError):
    """Events went in that are neither in a section nor among the dead letters."""


def run_source(
    path: str,
    mapping: TableMapping,
    settings: Settings,
    export_to: Path | None,
    on_progress: Callable[[int, int], None],
) -> Summary:
    """Run a source to its end; `on_progress` is told rows read and events stored.

    Raises:
        ExportError: `export_to` cannot be written; known before anything starts.
        UnaccountedError: not every event is accounted for.
    """
    if export_to is not None:
        check_export(export_to)
    if mapping.base_currency is not None:
        settings = settings.model_copy(update={"base_currency": mapping.base_currency})
    with RunningStack(settings) as stack:
        started = time.monotonic()
        report = _feed(stack, path, mapping, on_progress)
        seconds = time.monotonic() - started
        rows: dict[str, int] = report["rows"]
        summary: Summary = {"rows_read": rows.pop("read")} | summarize(stack, seconds)
        summary |= {"rows": rows, "preprocessed": report["fields"]}
        if export_to is not None:
            with export_file(export_to) as file:
                asyncio.run(export(stack.settings.redis_url, file))
    check_accounts(summary)
    return summary


def _feed(
    stack: RunningStack, path: str, mapping: TableMapping, on_progress: Callable[[int, int], None]
) -> dict[str, Any]:
    feed = Feed(stack.settings.brokers, "", stack.brake.add)
    report = feed.send_source(
        path, mapping, lambda read: on_progress(read, stack.progress.stored())
    )
    feed.flush()
    stack.brake.wait_until_done()
    return report


def summarize(stack: RunningStack, seconds: float) -> Summary:
    """Count what the store, the dead letters and the models hold."""
    url = stack.settings.redis_url
    folding = folding_of(stack.settings)
    accounts = asyncio.run(count(url, folding))
    return {
        "events_read": stack.brake.sent,
        "accepted": accounts.accepted,
        "rejected": stack.letters.count,
        "duplicates": accounts.duplicates,
        "rejected_by_reason": {
            f"{field or 'record'}: {error_type}": number
            for (error_type, field), number in stack.letters.reasons.most_common()
        },
        "customers": accounts.customers,
        "seconds": round(seconds, 2),
        "events_per_second": round(stack.brake.sent / seconds),
        "redis_bytes": accounts.redis_bytes,
        "worker_peak_mib": stack.processes.peak_mib("worker"),
        "restarts": stack.processes.restarts,
        "models": {
            task: {"n_examples": card["n_examples"], **_metrics(card)}
            for task, card in asyncio.run(model_cards(url)).items()
        },
    }


def _metrics(card: dict[str, Any]) -> dict[str, Any]:
    return dict(card["metrics"])


def check_accounts(summary: Summary) -> None:
    """Hold the summary to its promise.

    Raises:
        UnaccountedError: an event is in no section and among no dead letters.
    """
    found = summary["accepted"] + summary["rejected"] + summary["duplicates"]
    if found != summary["events_read"]:
        raise UnaccountedError(
            "not every event is accounted for", value=found, expected=summary["events_read"]
        )
