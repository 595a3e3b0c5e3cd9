"""One row of the table: the champion beside the best batch model and the best rule."""

from dataclasses import dataclass

import numpy as np

from benchmarks.learning import batch, champion
from benchmarks.learning.events import DAY_MS
from benchmarks.learning.examples import Column, Examples
from benchmarks.learning.measure import auc, interval, log_loss
from benchmarks.learning.row import Row, row
from benchmarks.learning.scenario import Scenario


@dataclass(frozen=True)
class Compared:
    """Scores of everything on all examples; NaN where something has none."""

    scenario: Scenario
    online: dict[str, Column]
    batch: dict[str, Column]

    @property
    def scored(self) -> Examples:
        return self.scenario.examples.take(self.scenario.examples.scored)

    def aucs(self, scores: dict[str, Column]) -> dict[str, float]:
        examples = self.scenario.examples
        return {
            name: auc(examples.labels[examples.scored], each[examples.scored])
            for name, each in scores.items()
        }

    def row(self) -> Row:
        """The figures as `benchmarks/results/learning-<date>.json` has them."""
        online, batches = self.aucs(self.online), self.aucs(self.batch)
        by_rule = self.aucs(self.scenario.rules)
        best, rule = max(batches, key=batches.__getitem__), max(by_rule, key=by_rule.__getitem__)
        return row(
            self.scenario.task,
            self.scenario.data,
            "AUC",
            online[champion.SERVED],
            batches,
            by_rule,
            len(self.scored),
            self.scenario.target,
            {
                **self.scenario.notes,
                "share of yes": float(self.scored.labels.mean()),
                "log loss of the champion": log_loss(
                    self.scored.labels, self._of(self.online[champion.SERVED])
                ),
                "online": online,
                f"champion - {best}": self._interval(self.batch[best]),
                f"champion - {rule}": self._interval(self.scenario.rules[rule]),
            },
        )

    def by_week(self) -> dict[str, tuple[Column, Column]]:
        """Week by week (days since the first question) the AUC of champion and batch models."""
        examples = self.scored
        weeks = (examples.asked_at - int(self.scenario.examples.asked_at[0])) // (7 * DAY_MS)
        found = {}
        for name, scores in {**self.online, **self.batch}.items():
            known = self._of(scores)
            points = [
                (week * 7, auc(examples.labels[weeks == week], known[weeks == week]))
                for week in np.unique(weeks)
                if 0 < examples.labels[weeks == week].mean() < 1
            ]
            found[name] = tuple(np.array(points, dtype=float).T)
        return found

    def _of(self, scores: Column) -> Column:
        return scores[self.scenario.examples.scored]

    def _interval(self, other: Column) -> tuple[float, float]:
        mine = self._of(self.online[champion.SERVED])
        return interval(self.scored.labels, mine, self._of(other), self.scored.customers)


def compare(scenario: Scenario) -> Compared:
    """Ask every model."""
    return Compared(
        scenario,
        champion.scores(scenario.asks, scenario.examples),
        {name: batch.weekly(name, scenario.examples) for name in batch.MODELS},
    )
