"""The table of docs/reliability.md: `python -m tests.faults.table results-1.jsonl ...`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.run import STUCK

HEAD = (
    "| kind | faults | differences | unfinished | moving again, s | caught up, s | taken over, s "
    "| which |\n|---|---|---|---|---|---|---|---|"
)


def table(results: Iterable[dict[str, Any]]) -> str:
    """Return counts and recovery times by kind: median and longest."""
    by_kind: dict[int, list[dict[str, Any]]] = {}
    for result in results:
        by_kind.setdefault(result["kind"], []).append(result)
    rows = [_row(kind, found) for kind, found in sorted(by_kind.items())]
    return "\n".join([HEAD, *rows])


def _row(kind: int, found: list[dict[str, Any]]) -> str:
    names = Counter(result["fault"].replace("_", " ") for result in found)
    unfinished = sum(any(map(_is_stuck, result["differences"])) for result in found)
    cells = [
        str(kind),
        str(len(found)),
        str(sum(bool(result["differences"]) for result in found) - unfinished),
        str(unfinished),
        _span(result["moving"] for result in found),
        _span(result["caught_up"] for result in found),
        _span(result["notes"].get("takeover") for result in found),
        ", ".join(f"{name} {count}" for name, count in sorted(names.items())),
    ]
    return f"| {' | '.join(cells)} |"


def _is_stuck(difference: str) -> bool:
    return difference.startswith(STUCK)


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
