"""`portrait shop`: a live view in the terminal, and a summary at the end."""

import orjson
import typer
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from profiles.traits.text import time_text
from streams.cli.inspect import profile_table
from streams.cli.logs import set_up_logging
from streams.cli.run import show
from streams.cli.settings import load_settings
from streams.cli.signals import StopSignal
from streams.cli.tables import FoldingTable, screen
from streams.run.live import Glance, run_shop

SHOWN = (
    "events", "orders", "revenue", "avg_order_value", "last_purchase", "gap_days.mean", "sessions",
    "top_category.1", "top_item.1", "rating.mean", "fact.city", "segment", "churn.score",
    "as_of",
)  # fmt: skip


def shop_command(seconds: float | None, customers: int, seed: int, json: bool) -> None:
    """Run the shop; with `json` nothing but the summary is printed."""
    settings = load_settings()
    set_up_logging(settings.model_copy(update={"log_level": "warning"}))
    stop = StopSignal()
    with Live(console=screen(stderr=True), refresh_per_second=4, transient=True) as live:
        summary = run_shop(
            settings,
            seconds=seconds,
            customers=customers,
            seed=seed,
            stopped=lambda: stop.asked,
            on_glance=lambda glance: live.update(live_view(glance)),
        )
    if json:
        typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
    else:
        show(summary)


def live_view(glance: Glance) -> RenderableType:
    """Return what there is to see at one moment."""
    figures = (
        f"  shop time {time_text(glance.day_ms)[:10]}   "
        f"{glance.per_second:,.0f} events/s   {glance.stored:,} stored   "
        f"lag {max(0, glance.sent - glance.stored):,}   {glance.rejected:,} dead letters"
    )
    head = Text.assemble(("Portrait", "bold"), figures)
    where = Text(f"elsewhere: PORTRAIT_REDIS_URL={glance.redis_url} portrait stats", style="dim")
    profile = {name: glance.profile[name] for name in SHOWN if name in glance.profile}
    right = profile_table(glance.customer or "…", profile)
    left = [_models(glance)]
    if glance.segments:  # there are none before enough customers are known for long enough
        left.append(_segments(glance))
    return Group(head, where, Columns([Group(*left), right], padding=(0, 4)))


def _models(glance: Glance) -> FoldingTable:
    table = FoldingTable("model", "figure", "value", title="models", title_justify="left")
    for task, card in glance.models.items():
        table.add_row(task, "examples", f"{card['n_examples']:,}")
        for name in ("auc", "auc_rule", "log_loss", "f1", "silhouette"):
            if card["metrics"].get(name) is not None:
                table.add_row("", name, f"{card['metrics'][name]:.3f}")
    return table


def _segments(glance: Glance) -> FoldingTable:
    table = FoldingTable("segment", "of the sample", title="segments", title_justify="left")
    total = sum(glance.segments.values())
    for name, count in glance.segments.items():
        table.add_row(name, f"{'█' * round(20 * count / total)} {count / total:.0%}")
    return table
