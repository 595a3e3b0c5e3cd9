"""From the figures of all rounds to medians, and to ratios of what ran in the same round."""

from statistics import median
from typing import NamedTuple

from benchmarks.performance import programs as p
from benchmarks.performance.run import Figures

Rounds = dict[str, dict[str, list[Figures]]]
"""Traffic -> program -> its figures, round by round."""

MEASURED = ("events_per_second", "program_cpu", "redis_cpu", "beside_cpu", "cpu", "peak_mib")


class Ratio(NamedTuple):
    """`above` relative to `below` in a figure; with `least`, what it should be."""

    above: str
    below: str
    figure: str
    least: float


RATIOS = {
    "vs_stock_faust": Ratio(p.JOB, p.FAUST, "events_per_second", 25),
    "vs_bytewax": Ratio(p.JOB, p.BYTEWAX, "events_per_second", 2),
    "vs_raw_limit": Ratio(p.JOB, p.RAW, "events_per_second", 0.5),
    "vs_pathway_per_cpu": Ratio(p.PATHWAY, p.JOB, "cpu", 1),  # CPU of an event: less is better
    "everything_vs_bytewax": Ratio(p.EVERYTHING, p.BYTEWAX, "events_per_second", 1),
    "everything_vs_stock_faust": Ratio(p.EVERYTHING, p.FAUST, "events_per_second", 15),
}
RATIOS |= {
    f"{name}_compiled": ratio._replace(above=p.compiled(ratio.above), below=p.compiled(ratio.below))
    for name, ratio in RATIOS.items()
}
RATIOS |= {"one_vs_two_workers_per_cpu": Ratio(p.JOB, p.TWO, "programs_cpu", 0.8)}


def medians(rounds: Rounds) -> dict[str, dict[str, dict[str, float]]]:
    """Return traffic -> program -> figure -> median over the rounds."""
    return {
        traffic: {
            name: {m: round(median(getattr(each, m) for each in runs), 1) for m in MEASURED}
            for name, runs in by_program.items()
        }
        for traffic, by_program in rounds.items()
    }


def ratios_by_traffic(rounds: Rounds) -> dict[str, dict[str, float]]:
    """Return traffic -> ratio -> median of the ratios of pairs that ran in one round."""
    return {
        traffic: {
            name: round(median(_pairs(ratio, by_program)), 3)
            for name, ratio in RATIOS.items()
            if ratio.above in by_program and ratio.below in by_program
        }
        for traffic, by_program in rounds.items()
    }


def lowest(by_traffic: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return each ratio where it is worst."""
    names = dict.fromkeys(name for ratios in by_traffic.values() for name in ratios)
    return {name: min(r[name] for r in by_traffic.values() if name in r) for name in names}


def _pairs(ratio: Ratio, by_program: dict[str, list[Figures]]) -> list[float]:
    pairs = zip(by_program[ratio.above], by_program[ratio.below], strict=True)
    return [getattr(a, ratio.figure) / getattr(b, ratio.figure) for a, b in pairs]
