"""A row of the table, as `benchmarks/results/learning-<date>.json` has it."""

from typing import Any

MOST_BELOW_BATCH = 0.01

Row = dict[str, Any]


def row(
    task: str,
    data: str,
    metric: str,
    champion: float,
    batch: dict[str, float],
    rules: dict[str, float],
    n: int,
    target: float | None,
    details: dict[str, Any],
) -> Row:
    """The champion beside the best batch model and the best rule; all figures are in `details`."""
    return {
        "task": task,
        "data": data,
        "metric": metric,
        "higher_is_better": True,
        "champion": champion,
        "best_batch": max(batch.values()),
        "best_rule": max(rules.values()),
        "n": n,
        "target": target,
        "details": {**details, "batch": batch, "rules": rules},
    }


def reached(row: Row) -> bool:
    """Tell whether the champion is where it has to be."""
    return bool(
        row["champion"] >= row["best_batch"] - MOST_BELOW_BATCH
        and row["champion"] > row["best_rule"]
        and row["champion"] >= (row["target"] or 0)
    )
