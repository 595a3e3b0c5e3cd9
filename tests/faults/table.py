"""The table of docs/reliability.md: `python -m tests.faults.table results-1.jsonl ...`."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.kinds import FAULTS

HEAD = (
    "| kind | fault | times | differences | moving again, s | caught up, s | taken over, s |\n"
    "|---|---|---|---|---|---|---|"
)


def table(results: Iterable[dict[str, Any]]) -> str:
    """Return counts and recovery times by fault: median and longest."""
    by_fault: dict[str, list[dict[str, Any]]] = {name: [] for name in FAULTS}
    for result in results:
        by_fault[result["fault"]].append(result)
    rows = sorted((FAULTS[name].kind, name, found) for name, found in by_fault.items() if found)
    return "\n".join([HEAD, *(_row(*row) for row in rows)])


def _row(kind: int, name: str, found: list[dict[str, Any]]) -> str:
    differences = sum(bool(result["differences"]) for result in found)
    cells = [
        str(kind),
        name.replace("_", " "),
        str(len(found)),
        str(differences),
        _span(result["moving"] for result in found),
        _span(result["caught_up"] for result in found),
        _span(result["notes"].get("takeover") for result in found),
    ]
    return f"| {' | '.join(cells)} |"


def _span(seconds: Iterable[float | None]) -> str:
    """Return median and longest.

    >>> _span([1.04, None, 3.0, 2.0]), _span([None])
    ('2.0, 3.0', '')
    """
    known = [each for each in seconds if each is not None]
    return f"{median(known):.1f}, {max(known):.1f}" if known else ""


if __name__ == "__main__":
    lines = [line for name in sys.argv[1:] for line in Path(name).read_text().splitlines()]
    print(table(map(json.loads, lines)))
