"""Portrait beside its peers on a real Kafka and Redis: rates, CPU, memory, latency.

    python -m benchmarks.performance [--rounds 5] [--events 200000] [--traffic uniform bursty]

Every round runs every program on every traffic, in an order that turns; ratios are of pairs of one
round. Each result is compared with the reference before it counts. Results go to
benchmarks/results/: performance-<date>.json and a picture of the same name. `make bench` makes the
peers' environment first.
"""

import argparse
import json
import os
import platform
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.performance import plots
from benchmarks.performance.latency import Latency, latency
from benchmarks.performance.programs import EVERYTHING, PEERS_PYTHON, PROGRAMS, RAW, Program
from benchmarks.performance.run import WARM_EVENTS, BenchmarkError, Figures, measure
from benchmarks.performance.summary import RATIOS, Rounds, lowest, medians, ratios_by_traffic
from benchmarks.performance.traffic import CUSTOMERS, PARTITIONS, Traffic, traffics
from streams.stack import Stack
from streams.stack.jars import version as kafka_version

RESULTS = Path(__file__).parents[1] / "results"
NAMES = [program.name for program in PROGRAMS]
OURS = ("faust-streaming", "aiokafka", "redis", "orjson", "confluent-kafka", "uvloop")
PEERS = ("bytewax", "quixstreams", "pathway", "confluent-kafka", "redis", "orjson")
TRAFFIC = ("uniform", "bursty", "retail")
TRIES = 3


def main() -> None:
    chosen = arguments()
    console = Console()
    programs = [program for program in PROGRAMS if program.name in chosen.only]
    kinds = list(traffics(chosen.events, chosen.traffic))
    rounds: Rounds = {kind.name: defaultdict(list) for kind in kinds}
    ages: dict[str, list[Latency]] = defaultdict(list)
    failures: Counter[str] = Counter()
    result: dict[str, Any] = {"conditions": chosen.__dict__ | {"customers": CUSTOMERS}}
    path = RESULTS / f"performance-{date.today().isoformat()}.json"
    with TemporaryDirectory(prefix="portrait-bench-") as home, Stack(Path(home)) as stack:
        result["versions"] = versions(stack)
        console.print(result["versions"])
        for number in range(1, chosen.rounds + 1):
            for kind, program in turned(kinds, programs, number):
                figures = insist(program, kind, stack, failures)
                rounds[kind.name][program.name].append(figures)
                console.print(
                    f"round {number}, {kind.name}, {program.name}: "
                    f"{figures.events_per_second:,.0f} events/s, {figures.cpu:.1f} CPU-s a million"
                )
            result |= summed_up(rounds) | {"failed_runs": dict(failures)}
            path.write_text(json.dumps(result, indent=1) + "\n")
        for number in range(chosen.latency_rounds):
            for program in programs[number % 2 :] + programs[: number % 2]:
                rate = half_rate(program, result["medians"][kinds[0].name])
                found = measure_latency(console, program, kinds[0], rate, chosen.seconds, stack)
                ages[program.name] += found
            result["latency"] = latencies(ages)
            path.write_text(json.dumps(result, indent=1) + "\n")
    plots.overview(result["medians"], path.with_suffix(".png"))
    for each in tables(result):
        console.print(each)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--traffic", nargs="*", choices=TRAFFIC, default=list(TRAFFIC))
    parser.add_argument("--only", nargs="*", choices=NAMES, default=NAMES)
    parser.add_argument("--latency-rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each run for latency")
    return parser.parse_args()


def turned(
    kinds: list[Traffic], programs: list[Program], number: int
) -> Iterator[tuple[Traffic, Program]]:
    """Yield what to run in a round: every program of a traffic, each time another first."""
    first = number % len(programs)
    for kind in kinds:
        for program in programs[first:] + programs[:first]:
            yield kind, program


def insist(program: Program, kind: Traffic, stack: Stack, failures: Counter[str]) -> Figures:
    """Measure; a run that fails is told, counted, and made again.

    Raises:
        BenchmarkError: it failed time and again.
    """
    for _ in range(TRIES - 1):
        try:
            return measure(program, kind, stack)
        except BenchmarkError as error:
            print(f"{program.name}, {kind.name}: {error}")
            failures[f"{program.name}, {kind.name}"] += 1
    return measure(program, kind, stack)


def half_rate(program: Program, rates: dict[str, dict[str, float]]) -> float:
    """Return half of what Portrait can do with everything on, or half of what the program can."""
    names = {EVERYTHING, program.name} & rates.keys()
    return min(rates[name]["events_per_second"] for name in names) / 2


def measure_latency(
    console: Console, program: Program, kind: Traffic, rate: float, seconds: float, stack: Stack
) -> list[Latency]:
    """Measure; a program that falls behind has no latency, and that is its result."""
    seconds = min(seconds, (len(kind.events) - WARM_EVENTS) / rate)
    try:
        found = latency(program, kind, rate, seconds, stack)
    except BenchmarkError as error:
        console.print(f"latency, {program.name} at {rate:,.0f}/s: {error}")
        return []
    console.print(f"latency, {program.name} at {rate:,.0f}/s: {found.percentiles} ms")
    return [found]


def summed_up(rounds: Rounds) -> dict[str, Any]:
    """Return what the rounds so far come to."""
    by_traffic = ratios_by_traffic(rounds)
    return {
        "ratios": lowest(by_traffic),
        "ratios_by_traffic": by_traffic,
        "medians": medians(rounds),
        "rounds": {
            traffic: {name: [each._asdict() for each in runs] for name, runs in found.items()}
            for traffic, found in rounds.items()
        },
    }


def latencies(ages: dict[str, list[Latency]]) -> dict[str, Any]:
    """Return each program's median percentiles over its rounds, and by how much the raw loop's."""
    found: dict[str, Any] = {}
    for name, runs in ages.items():
        if runs:
            middle = {p: median(run.percentiles[p] for run in runs) for p in runs[0].percentiles}
            found[name] = {"rate": runs[0].rate, **middle, "rounds": [r._asdict() for r in runs]}
    for row in found.values():
        row["p99_vs_raw_loop"] = round(row["p99"] / found[RAW]["p99"], 2) if RAW in found else None
    return found


def versions(stack: Stack) -> dict[str, str]:
    """Return what ran: servers, libraries, and the machine."""
    code = "import json,sys;from importlib.metadata import version as v;"
    code += "print(json.dumps({n: v(n) for n in sys.argv[1:]}))"
    command = [str(PEERS_PYTHON), "-c", code, *PEERS]
    told = json.loads(subprocess.check_output(command))  # noqa: S603 - our own command
    return {
        "portrait": version("portrait"),
        "python": platform.python_version(),
        "kafka": f"{kafka_version()}, 1 broker, {PARTITIONS} partitions",
        "redis": f"{stack.redis.ask('INFO', 'server')['redis_version']}, append-only file",
        "cores": str(os.cpu_count()),
        **{name: version(name) for name in OURS},
        **{f"peers: {name}": number for name, number in told.items()},
    }


def tables(result: dict[str, Any]) -> Iterator[Table]:
    """Yield the tables to print: by traffic, the ratios, the latencies."""
    columns = ("events/s", "CPU-s/M", "Redis", "beside", "both", "peak MiB")
    for traffic, rows in result["medians"].items():
        made = Table("program", *columns, title=traffic)
        for name, row in rows.items():
            made.add_row(name, *(f"{value:,.1f}" for value in row.values()))
        yield made
    made = Table("ratio", *result["ratios_by_traffic"], "should be", title="medians of pairs")
    for name, ratio in RATIOS.items():
        values = [found.get(name, float("nan")) for found in result["ratios_by_traffic"].values()]
        made.add_row(name, *(f"{value:.2f}" for value in values), f"≥ {ratio.least:g}")
    yield made
    made = Table("program", "events/s", "p50", "p90", "p99", "p99.9", "raw loops", title="age, ms")
    for name, row in result.get("latency", {}).items():
        cells = [row[key] for key in ("rate", "p50", "p90", "p99", "p99.9", "p99_vs_raw_loop")]
        made.add_row(name, *map(str, cells))
    yield made


if __name__ == "__main__":
    main()
