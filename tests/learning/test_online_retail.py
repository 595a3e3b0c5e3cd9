"""Real orders: does the model know more than the rule it has to beat?"""

from collections import defaultdict
from pathlib import Path

import pytest

from profiles.learning.churn import Churn
from profiles.learning.clock import DAY_MS
from profiles.learning.learner import Learner
from profiles.learning.segments import LADDER, Segments
from tests.learning.shop import features, order

DATA = Path(__file__).parents[3] / "shared" / "data" / "online_retail.parquet"
EIGHT_WEEKS = 56 * DAY_MS
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA.name} is not here")


def orders():
    """(customer, first ms, revenue of the first line) of every order, in event time."""
    pandas = pytest.importorskip("pandas")
    rows = pandas.read_parquet(DATA).dropna(subset="CustomerID").query("Quantity > 0")
    first = rows.sort_values("InvoiceDate", kind="stable").drop_duplicates("InvoiceNo")
    times = first.InvoiceDate.astype("datetime64[ms]").astype("int64")
    return zip(first.CustomerID.astype(int), times, first.Quantity * first.UnitPrice, strict=True)


def examples():
    days, counts, spent, first = defaultdict(list), defaultdict(int), defaultdict(float), {}
    for offset, (who, at, amount) in enumerate(orders()):
        today = at // DAY_MS
        if today not in days[who][-1:]:
            days[who].append(today)
        counts[who] += 1
        spent[who] += amount
        row = features(
            orders=counts[who],
            revenue=spent[who],
            tenure_days=(at - first.setdefault(who, at)) / DAY_MS,
            last_gap_days=days[who][-1] - days[who][-2] if len(days[who]) > 1 else 365,
            mean_rating=3,
            **{f"decayed_orders_{h}": decayed(days[who], h) for h in (7, 30, 90)},
        )
        yield order(str(who), at, row, offset, who % 4)


def decayed(days, half_life):
    return sum(0.5 ** ((days[-1] - day) / half_life) for day in days)


@pytest.fixture(scope="module")
def shop():
    """The learner after the whole year, and its churn histograms after eight weeks."""
    learner, early, start = Learner([Churn(), Segments()]), None, None
    for batch in examples():
        start = start or batch[0].at
        learner.learn(batch)
        if early is None and batch[0].at > start + EIGHT_WEEKS + 30 * DAY_MS:
            early = [[list(h) for h in auc.histograms] for auc in aucs(learner)]
    return learner, early


def aucs(learner):
    """Those of the model and of the rule; so far all asked in the first eight weeks."""
    contestants = learner.tasks["churn"].contest.contestants
    return [contestants[name].metrics.auc for name in ("blend", "rule")]


def without(auc, early):
    """The AUC of what was counted after `early`."""
    for histogram, before in zip(auc.histograms, early, strict=True):
        histogram[:] = [now - then for now, then in zip(histogram, before, strict=True)]
    return auc.value()


def test_churn_is_clearly_better_known_than_by_recency_alone(shop):
    learner, early = shop
    figures = learner.tasks["churn"].card()["metrics"]
    model, rule = aucs(learner)
    assert figures["n"] > 14_000
    assert figures["auc"] > rule.value() + 0.02
    assert figures["log_loss"] < 0.53  # of the base rate alone: 0.69
    late, late_rule = without(model, early[0]), without(rule, early[1])
    assert late > 0.805
    assert late > late_rule + 0.02


def test_segments_are_all_in_use_and_well_apart(shop):
    card = next(card for card in shop[0].cards() if card["task"] == "segment")
    assert set(card["sizes"]) == set(LADDER)
    assert min(card["sizes"].values()) > 200
    assert card["metrics"]["silhouette"] > 0.4
