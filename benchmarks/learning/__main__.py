"""How good the online models are, beside batch models and one-feature rules.

    python -m benchmarks.learning [--only cdnow shop ...]

Real data come from `../shared/data`; what is absent is left out, and said so. Results go to
benchmarks/results/: learning-<date>.json and pictures of the same name.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from benchmarks.learning import needs, plots, reviews, shops, visits
from benchmarks.learning.amounts import spending
from benchmarks.learning.compare import Compared, compare
from benchmarks.learning.events import SOURCES
from benchmarks.learning.kinds import segments
from benchmarks.learning.row import Row, reached
from benchmarks.learning.scenario import Scenario, at_a_cut, at_orders

RESULTS = Path(__file__).parents[1] / "results"


def midnight(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


def on(name: str) -> Path:
    return SOURCES[name].path


# by name: the file that is needed, and what makes the scenario to compare models in, or the row
ROWS: dict[str, tuple[Path | None, Callable[[], Scenario | Row]]] = {
    "retail": (on("online_retail"), lambda: at_orders("online_retail", target=0.810)),
    "cdnow": (on("cdnow"), lambda: at_a_cut("cdnow", midnight(1997, 10, 1), 273, 30, 0.7725)),
    "tmall": (on("tmall"), lambda: at_a_cut("tmall", midnight(2013, 7, 16), 31, 31, 0.714)),
    "shop": (None, shops.churn),
    "shop-left": (None, shops.stayed),
    "drift": (None, shops.drift),
    "segments": (None, segments),
    "sentiment": (reviews.FILE, reviews.sentiment),
    "completejourney": (on("completejourney"), lambda: at_orders("completejourney", share=6)),
    "retail-cut": (on("online_retail"), lambda: at_a_cut(
        "online_retail", midnight(2011, 9, 10), 90, 90)),
    "visits": (None, visits.of_shop),
    "visits-tmall": (on("tmall"), visits.of_tmall),
    "spent": (on("online_retail"), lambda: spending("online_retail")),
    "spent-cdnow": (on("cdnow"), lambda: spending("cdnow")),
    "spent-journey": (on("completejourney"), lambda: spending("completejourney", share=6)),
    "needs": (None, needs.of_shop),
    "needs-journey": (on("completejourney"), lambda: needs.of_completejourney(share=6)),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=sorted(ROWS), default=list(ROWS))
    chosen = parser.parse_args().only
    console, rows = Console(), []
    RESULTS.mkdir(exist_ok=True)
    stem = f"learning-{date.today().isoformat()}"
    for name in chosen:
        file, make = ROWS[name]
        if file and not file.exists():
            console.print(f"{name}: {file.name} is not here, left out")
            continue
        started = time.process_time()
        rows.append(measured(name, make, stem))
        (RESULTS / f"{stem}.json").write_text(json.dumps({"rows": rows}, indent=1) + "\n")
        console.print(f"{name}: {time.process_time() - started:.0f} CPU seconds")
    plots.overview(rows, RESULTS / f"{stem}.png")
    console.print(table(rows))


def measured(name: str, make: Callable[[], Scenario | Row], stem: str) -> Row:
    """The row; of a scenario, after asking every model, a picture too."""
    made = make()
    if not isinstance(made, Scenario):
        return made
    compared = compare(made)
    picture(name, stem, compared)
    return compared.row()


def picture(name: str, stem: str, compared: Compared) -> None:
    """Draw what has a course of time."""
    if len(compared.by_week()[next(iter(compared.online))][0]) > 1:
        plots.over_time(compared, RESULTS / f"{stem}-{name}.png")


def table(rows: list[Row]) -> Table:
    """Print-out of the rows, with a mark where a target is missed."""
    numbers = ("n", "champion", "best batch", "best rule", "target")
    columns = [Column(name, justify="right", no_wrap=True) for name in numbers]
    made = Table("task", "data", "metric", *columns, Column(no_wrap=True))
    for row in rows:
        figures = [row["champion"], row["best_batch"], row["best_rule"], row["target"]]
        shown = ["" if each is None else f"{each:.4f}" for each in figures]
        mark = "" if reached(row) else "missed"
        made.add_row(row["task"], row["data"], row["metric"], f"{row['n']:,}", *shown, mark)
    return made


if __name__ == "__main__":
    main()
