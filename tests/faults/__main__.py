"""`python -m tests.faults`: rounds of faults from a seed, against servers of its own."""

import argparse
import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.faults.faults import by_kind
from tests.faults.kinds import FAULTS
from tests.faults.plan import Round, plan
from tests.faults.run import Runner, run_all
from tests.faults.servers import Servers, Worlds
from tests.faults.soak import soak

ROUNDS = 15


def main() -> int:
    """Run what the arguments ask for; return 1 where Redis differed from an oracle."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    directory = arguments.directory or Path(tempfile.mkdtemp(prefix="portrait-faults-"))
    results = directory / f"results-{seed}.jsonl"
    print(f"seed {seed}, {arguments.rounds} rounds, results in {results}", flush=True)
    rounds = islice(_chosen(seed, arguments.kinds), arguments.rounds)
    done = _done(results) | set(range(arguments.start))
    left = [each for each in rounds if each.number not in done]
    if arguments.soak:
        return _soak(arguments, seed, directory)
    with Worlds(directory / "servers") as worlds, Runner(worlds, directory) as runner:
        found = run_all(runner, left, results)
    wrong = [result for result in found if result.differences]
    print(f"{len(found)} faults, {len(wrong)} with differences")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("make faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="default: any; it is printed")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kinds", default="", help="numbers of kinds, or names of faults")
    parser.add_argument("--from", dest="start", type=int, default=0, help="first round to run")
    parser.add_argument("--soak", type=float, help="minutes at a steady rate, instead of rounds")
    parser.add_argument("--rate", type=float, default=1_000.0, help="events per second of a soak")
    parser.add_argument("--directory", type=Path, help="where results and logs go, and are found")
    return parser.parse_args()


def _soak(arguments: argparse.Namespace, seed: int, directory: Path) -> int:
    with Servers(directory / "servers") as servers:
        found = soak(servers, directory / f"soak-{seed}", seed, arguments.soak, arguments.rate)
    print(f"{len(found)} differences")
    return 1 if found else 0


def _chosen(seed: int, words: str) -> Iterator[Round]:
    names = words.replace(",", " ").split()
    numbers = {int(name) for name in names if name.isdigit()}
    found = by_kind(numbers if names else None)
    for name in names:
        if not name.isdigit():
            found.setdefault(FAULTS[name].kind, []).append(name)
    return plan(seed, found)


def _done(results: Path) -> set[int]:
    if not results.exists():
        return set()
    return {json.loads(line)["number"] for line in results.read_text().splitlines()}


if __name__ == "__main__":
    sys.exit(main())
