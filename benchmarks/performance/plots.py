"""The picture of a comparison (PNG)."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

COLOURS = ("#1b6ca8", "#d98324", "#5a9367")


def overview(medians: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    """Rates and CPU of every program (traffic -> program -> figure -> median), side by side."""
    programs = list(next(iter(medians.values())))
    figure, (rates, costs) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained", sharey=True)
    width = 0.8 / len(medians)
    for place, (traffic, rows) in enumerate(medians.items()):
        where = [number + (place - (len(medians) - 1) / 2) * width for number in range(len(rows))]
        colour = COLOURS[place]
        _bars(
            rates,
            where,
            [rows[name]["events_per_second"] for name in programs],
            width,
            colour,
            traffic,
        )
        _bars(costs, where, [rows[name]["cpu"] for name in programs], width, colour, traffic)
    rates.set_yticks(range(len(programs)), programs)
    rates.invert_yaxis()
    rates.set_xlabel("events/s")
    costs.set_xlabel("CPU-s per million events, Redis included")
    for axes in (rates, costs):
        axes.set_xscale("log")
        axes.margins(x=0.2)
    rates.legend(frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _bars(
    axes: Any, where: list[float], values: list[float], width: float, colour: str, label: str
) -> None:
    bars = axes.barh(where, values, width, color=colour, label=label)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
