"""`portrait segments`: how large they are, how they grow, and who moved."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
import typer
from rich.text import Text

from profiles.audiences.history import Day, grown
from profiles.audiences.store import read_days
from profiles.learning.reasons import typical
from profiles.learning.segments import Segments
from profiles.stores.client import connect_sync
from streams.cli.settings import Language, load_settings
from streams.cli.tables import FoldingTable, screen
from streams.run.accounts import model_cards

EXIT_NOT_FOUND = 4

BACK = (1, 7, 30)
"""Days over which growth is shown."""


def segments_command(json: bool, language: Language = "en") -> int:
    """Print the segments; return the exit code, 4 where there are none yet."""
    redis_url = load_settings().redis_url
    with connect_sync(redis_url) as client:
        days = read_days(client)
    if not days:
        typer.echo("portrait: no segments yet: a worker sorts customers now and then", err=True)
        return EXIT_NOT_FOUND
    if json:
        typer.echo(orjson.dumps(days, option=orjson.OPT_INDENT_2).decode())
        return 0
    screen().print(_sizes(days))
    card: dict[str, Any] = asyncio.run(model_cards(redis_url)).get(Segments.name, {})
    for line in (*_typical(card.get("centres", {}), language), *_moves(days[-1])):
        screen().print(Text(line))
    return 0


def _sizes(days: list[Day]) -> FoldingTable:
    sizes = days[-1].sizes
    title = f"{sum(sizes.values()):,} customers in segments on {days[-1].date}"
    table = FoldingTable("segment", title=title, title_justify="left")
    growth = {back: grown(days, back) for back in BACK}
    for name in ("customers", "share", *(f"{back} d" for back in BACK)):
        table.add_column(name, justify="right")
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1]):
        changes = ("-" if found is None else f"{found[name]:+,}" for found in growth.values())
        table.add_row(Text(name), f"{size:,}", f"{size / sum(sizes.values()):.1%}", *changes)
    return table


def _typical(centres: Mapping[str, Mapping[str, float]], language: Language) -> list[str]:
    """Return what sets each segment apart from all customers."""
    told = {name: typical(centre, language) for name, centre in centres.items()}
    return [f"{name}: {', '.join(found)}" for name, found in told.items() if found]


def _moves(day: Day) -> list[str]:
    moves = [(n, old, new) for old, to in day.moves.items() for new, n in to.items()]
    return [f"{old} -> {new}: {n:,} moved" for n, old, new in sorted(moves, reverse=True)]
