"""`portrait stats`: how the traits of all customers are distributed."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime

import orjson
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from profiles.population.figures import (
    Categories,
    Correlation,
    Figures,
    Histogram,
    Numbers,
    Population,
)
from profiles.population.store import read_population
from profiles.stores.client import connect_sync
from profiles.traits.text import time_text
from streams.cli.settings import load_settings
from streams.cli.tables import FoldingTable, screen

EXIT_NOT_FOUND = 4
BAR = 40
SHOWN_CORRELATIONS = 10
DAY_SECONDS = 86_400
CLOSE = (0, 1, 0, 0)
"""One blank between columns: a name and four dates find room in 80."""

Shown = Callable[[float], str]


def stats_command(field: str | None, json: bool) -> int:
    """Print the population, or one trait of it; return the exit code, 4 where there is none."""
    with connect_sync(load_settings().redis_url) as client:
        population = read_population(client)
    if population is None:
        typer.echo("portrait: no population yet: a worker counts it every few seconds", err=True)
        return EXIT_NOT_FOUND
    if field is not None and field not in population.figures:
        known = ", ".join(population.figures)
        typer.echo(f"portrait: no customer has a trait {field!r}; there are: {known}", err=True)
        return EXIT_NOT_FOUND
    if json:
        plain = population if field is None else _of_one(population, field)
        typer.echo(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode())
    else:
        screen().print(_overview(population) if field is None else _details(population, field))
    return 0


def _of_one(population: Population, field: str) -> dict[str, object]:
    head = {name: getattr(population, name) for name in ("version", "at", "sampled", "customers")}
    rest = {"correlations": population.correlations_of(field)}
    return {"field": field, **head, **asdict(population.figures[field]), **rest}


def _overview(population: Population) -> RenderableType:
    table = FoldingTable("trait", title=_title(population), title_justify="left", box=None)
    table.padding = CLOSE
    for name in ("n", "missing", "mean", "median", "sd", "min", "max"):
        table.add_column(name, justify="right")
    for field, figures in population.figures.items():
        cells = (field, f"{figures.n:,}", f"{figures.missing:.1%}", *_cells(figures))
        table.add_row(*map(Text, cells))  # names of customers are no markup
    return table


def _cells(figures: Figures) -> Iterable[str]:
    if figures.categories is not None:
        commonest, count = next(iter(figures.categories.counts.items()))
        kinds = f"{figures.categories.distinct:,} kinds"
        return (kinds, f"{_cut(commonest, 18)} {count / figures.n:.0%}")
    if figures.numbers is None:
        return (f"true {figures.share:.1%}",)
    numbers, shown, spread = figures.numbers, _shown(figures.type), _spread(figures.type)
    sd = "-" if numbers.sd is None else spread(numbers.sd)
    return (shown(numbers.mean), shown(numbers.median), sd, shown(numbers.min), shown(numbers.max))


def _details(population: Population, field: str) -> RenderableType:
    figures = population.figures[field]
    parts: list[RenderableType] = [Text(_title(population)), _head(field, figures)]
    if figures.numbers is not None:
        parts.append(_numbers(figures.type, figures.numbers))
        parts.append(_bars(_bins(figures.numbers.histogram, _shown(figures.type)), figures.n))
    if figures.categories is not None:
        parts.append(_bars(_kinds(figures.categories), figures.n))
    if figures.share is not None:
        true = round(figures.share * figures.n)
        parts.append(_bars([("true", true), ("false", figures.n - true)], figures.n))
    correlations = population.correlations_of(field)
    if correlations:
        parts.append(_correlations(field, correlations[:SHOWN_CORRELATIONS]))
    return Group(*[part for each in parts for part in (each, "")])


def _title(population: Population) -> str:
    sampled = "all" if population.sampled == population.customers else f"{population.sampled:,}"
    return (
        f"{population.customers:,} customers, {sampled} looked at, as of "
        f"{time_text(population.at)}, version {population.version}"
    )


def _head(field: str, figures: Figures) -> Text:
    unit = f", {figures.unit}" if figures.unit else ""
    text = f"{figures.type}{unit}; {figures.n:,} have it, {figures.missing:.1%} have not"
    return Text.assemble((field, "bold"), f" ({text})")


def _numbers(type_: str, numbers: Numbers) -> FoldingTable:
    shown, spread = _shown(type_), _spread(type_)
    figures = {"mean": shown(numbers.mean), "min": shown(numbers.min)}
    figures |= {name: shown(value) for name, value in numbers.quantiles.items()}
    figures["max"] = shown(numbers.max)
    if numbers.sd is not None:
        figures["sd"] = spread(numbers.sd)
    if numbers.skewness is not None:
        figures["skewness"] = f"{numbers.skewness:.3g}"
    table = FoldingTable(show_header=False, box=None)
    for name, value in figures.items():
        table.add_row(name, Text(value, justify="right"))
    return table


def _bins(histogram: Histogram, shown: Shown) -> list[tuple[str, int]]:
    edges = zip(histogram.edges, histogram.edges[1:], strict=False)
    labels = [f"{shown(low)} .. {shown(high)}" for low, high in edges]
    return list(zip(labels, histogram.counts, strict=True))


def _kinds(categories: Categories) -> list[tuple[str, int]]:
    counts = [(_cut(name, 40), count) for name, count in categories.counts.items()]
    rest = categories.distinct - len(counts)
    return [*counts, (f"{rest:,} others", categories.others)] if rest else counts


def _bars(counts: list[tuple[str, int]], total: int) -> FoldingTable:
    """Return a bar chart: the longest bar is the largest count."""
    table = FoldingTable("value", "customers", "", "", box=None)
    table.columns[1].justify = table.columns[2].justify = "right"
    largest = max(count for _, count in counts)
    for label, count in counts:
        bar = "█" * round(BAR * count / largest) or ("▏" if count else "")
        table.add_row(Text(label), f"{count:,}", f"{count / total:.1%}", bar)
    return table


def _correlations(field: str, correlations: list[Correlation]) -> FoldingTable:
    table = FoldingTable("goes together with", "Pearson", "Spearman", "customers", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in correlations:
        other = each.b if each.a == field else each.a
        table.add_row(Text(other), f"{each.pearson:+.3f}", f"{each.spearman:+.3f}", f"{each.n:,}")
    return table


def _shown(type_: str) -> Shown:
    return _day if type_ == "time" else _number


def _spread(type_: str) -> Shown:
    return _days if type_ == "time" else _number


def _number(value: float) -> str:
    whole = value == round(value) or abs(value) >= 10_000
    return f"{value:,.0f}" if whole else f"{value:,.4g}"


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _days(seconds: float) -> str:
    return f"{seconds / DAY_SECONDS:,.4g} d"


def _cut(name: str, limit: int) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"
