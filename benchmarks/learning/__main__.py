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
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.learning import plots, shops
from benchmarks.learning.compare import MOST_BELOW_BATCH, Compared, compare
from benchmarks.learning.events import SOURCES
from benchmarks.learning.scenario import Scenario, at_a_cut, at_orders

RESULTS = Path(__file__).parents[1] / "results"


def midnight(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


SCENARIOS: dict[str, tuple[str, Callable[[], Scenario]]] = {
    "retail": ("online_retail", lambda: at_orders("online_retail", target=0.810)),
    "cdnow": ("cdnow", lambda: at_a_cut("cdnow", midnight(1997, 10, 1), 273, 30, 0.7725)),
    "tmall": ("tmall", lambda: at_a_cut("tmall", midnight(2013, 7, 16), 31, 31, 0.714)),
    "shop": ("", shops.churn),
    "shop-left": ("", shops.stayed),
    "drift": ("", shops.drift),
    "completejourney": ("completejourney", lambda: at_orders("completejourney", share=6)),
    "retail-cut": ("online_retail", lambda: at_a_cut(
        "online_retail", midnight(2011, 9, 10), 90, 90)),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=sorted(SCENARIOS), default=list(SCENARIOS))
    chosen = parser.parse_args().only
    console, rows = Console(), []
    RESULTS.mkdir(exist_ok=True)
    stem = f"learning-{date.today().isoformat()}"
    for name in chosen:
        source, scenario = SCENARIOS[name]
        if source and not SOURCES[source].path.exists():
            console.print(f"{name}: {SOURCES[source].path.name} is not here, left out")
            continue
        started = time.process_time()
        compared = compare(scenario())
        rows.append(compared.row())
        (RESULTS / f"{stem}.json").write_text(json.dumps({"rows": rows}, indent=1) + "\n")
        picture(name, stem, compared)
        console.print(f"{name}: {time.process_time() - started:.0f} CPU seconds")
    plots.overview(rows, RESULTS / f"{stem}.png")
    console.print(table(rows))


def picture(name: str, stem: str, compared: Compared) -> None:
    """Draw what has a course of time."""
    if len(compared.by_week()[next(iter(compared.online))][0]) > 1:
        plots.over_time(compared, RESULTS / f"{stem}-{name}.png")


def table(rows: list[dict[str, Any]]) -> Table:
    """Print-out of the rows, with a mark where a target is missed."""
    made = Table("task", "data", "n", "champion", "best batch", "best rule", "target", "")
    for row in rows:
        figures = (row["champion"], row["best_batch"], row["best_rule"])
        target = "" if row["target"] is None else f"{row['target']:.4f}"
        cells = (row["task"], row["data"], f"{row['n']:,}", *(f"{each:.4f}" for each in figures))
        made.add_row(*cells, target, "" if reached(row) else "missed")
    return made


def reached(row: dict[str, Any]) -> bool:
    """Tell whether the champion is where it has to be."""
    return bool(
        row["champion"] >= row["best_batch"] - MOST_BELOW_BATCH
        and row["champion"] > row["best_rule"]
        and row["champion"] >= (row["target"] or 0)
    )


if __name__ == "__main__":
    main()
