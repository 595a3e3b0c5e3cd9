"""Pictures of the comparison (PNG)."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from benchmarks.learning.champion import SERVED
from benchmarks.learning.compare import Compared
from benchmarks.learning.events import DAY_MS

COLOURS = {"champion": "#1b6ca8", "best_batch": "#d98324", "best_rule": "#8a8a8a"}
BAR = 0.26


def overview(rows: list[dict[str, Any]], path: Path) -> None:
    """Champion, best batch model and best rule side by side for every row."""
    figure, axes = plt.subplots(figsize=(10, 0.9 * len(rows) + 1.5), layout="constrained")
    for place, (name, colour) in enumerate(COLOURS.items()):
        heights = [row[name] for row in rows]
        where = [number + (place - 1) * BAR for number in range(len(rows))]
        bars = axes.barh(where, heights, BAR, color=colour, label=name.replace("_", " "))
        axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    names = [f"{row['task']}\n{row['data']}, {row['metric']}" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08)
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    _save(figure, path)


def over_time(compared: Compared, path: Path) -> None:
    """AUC week by week; a dashed line where the shop changes."""
    figure, axes = plt.subplots(figsize=(9, 4.2), layout="constrained")
    for name, (days, values) in compared.by_week().items():
        axes.plot(days, values, label=name, linewidth=2.2 if name == SERVED else 1.2)
    drift_at, first = compared.scenario.drift_at, int(compared.scenario.examples.asked_at[0])
    if drift_at is not None:
        axes.axvline((drift_at - first) / DAY_MS, color="black", linestyle="--", linewidth=1)
    axes.set_xlabel("days since the first question")
    axes.set_ylabel("AUC of the questions of a week")
    axes.set_title(f"{compared.scenario.task}: {compared.scenario.data}")
    axes.legend(frameon=False, fontsize=8)
    axes.grid(alpha=0.3)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)
