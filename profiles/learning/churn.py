"""Will this customer stay away? Asked at every order, answered by the next one or by time.

Scaled logistic regression (river), trained by stochastic gradient descent with a constant rate, so
that it follows a shop that changes.
"""

import math
from typing import Any

from river.linear_model import LogisticRegression
from river.optim import SGD
from river.preprocessing import StandardScaler

from profiles.learning.clock import DAY_MS
from profiles.learning.features import LONGEST_GAP_DAYS, NAMES, Selection
from profiles.learning.metrics import BinaryMetrics
from profiles.learning.open_questions import Open, OpenQuestions, customer_hash
from profiles.learning.task import Numbers, Source, State
from schemas.examples import Outcome, Question

RATE = 0.01
WARM_UP = 200  # answers before its scores are shown to anybody
RULE = NAMES.index("last_gap_days")  # recency alone: the longer the last gap, the likelier to leave


class Churn:
    """P(no order within the horizon).

    An order strictly after the question and within the horizon answers "stayed", none answers
    "left". Both are measured and learnt when the horizon has passed: were "stayed" learnt as soon
    as it is known, the newest examples would always be the customers who came back early.

    The score that counts is the one made when the question was asked; before WARM_UP answers there
    is none. The scaler learns when a question is asked, the weights when it falls due.
    """

    name = "churn"
    features: tuple[str, ...] = (
        "decayed_orders_7",
        "decayed_orders_30",
        "decayed_orders_90",
        "orders_per_month",
        "last_gap_days",
        "returns_share",
        "views_30",
        "cart_adds_30",
        "mean_rating",
    )
    classes = frozenset(
        {
            "river.preprocessing.scale.StandardScaler",
            "river.linear_model.log_reg.LogisticRegression",
            "river.optim.sgd.SGD",
            "river.optim.schedulers.Constant",
            "river.optim.losses.Log",
            "river.optim.initializers.Zeros",
            "river._river_rust.vectordict.VectorDict",
        }
    )

    def __init__(self, horizon_days: int = 30, open_bound: int = 20_000) -> None:
        self.horizon_days = horizon_days
        self.scaler: Any = StandardScaler()
        self.model: Any = LogisticRegression(SGD(RATE))
        self.metrics = BinaryMetrics()
        self.learnt = 0
        self._selection = Selection(self.features)
        self._open = OpenQuestions(len(self.features), open_bound, horizon_days * DAY_MS)

    def settings(self) -> Numbers:
        """Its features, the horizon in days and the bound of open questions."""
        return {
            "features": list(self.features),
            "horizon_days": self.horizon_days,
            "open_bound": self._open.bound,
        }

    def on_question(self, question: Question) -> None:
        """Score it and let it wait; a later order that is already known answers it."""
        customer = customer_hash(question.customer)
        if not self._open.admits(customer):
            return
        row = self._selection.row(question.features)
        self.scaler.learn_one(row)
        source = self._open.source_index(question.id[:2])
        rule = round(min(max(question.features[RULE], 0.0), LONGEST_GAP_DAYS))
        # every order asks, so a waiting question asked after this one is an order after this one
        answered = self._open.asked_within(customer, question.asked_at)
        score, values = self._score(row), tuple(row.values())
        self._open.add(Open(customer, question.asked_at, source, rule, answered, score, values))

    def on_outcome(self, outcome: Outcome) -> None:
        """An order: the customer stayed."""
        self._open.answer(customer_hash(outcome.customer), outcome.at)

    def advance(self, source: Source, now: int) -> None:
        """Measure, then learn, every question whose horizon has passed."""
        for question in self._open.take_due(source, now):
            self._learn(question, left=not question.answered)

    def _score(self, row: dict[int, float]) -> float:
        if self.learnt < WARM_UP:
            return math.nan
        probability: float = self.model.predict_proba_one(self.scaler.transform_one(row))[True]
        return probability

    def _learn(self, question: Open, left: bool) -> None:
        if not math.isnan(question.score):
            self.metrics.update(question.score, question.rule, left)
        row = dict(enumerate(question.row))
        self.model.learn_one(self.scaler.transform_one(row), left)
        self.learnt += 1

    def state(self) -> State:
        """The river objects and plain containers."""
        return {
            "scaler": self.scaler,
            "model": self.model,
            "learnt": self.learnt,
            "metrics": self.metrics.state(),
            "open": self._open.state(),
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.scaler, self.model, self.learnt = state["scaler"], state["model"], state["learnt"]
        self.metrics.restore(state["metrics"])
        self._open.restore(state["open"])

    def parameters(self) -> Numbers:
        """The model's numbers, the metrics and a digest of what is still open."""
        return {
            **self._numbers(),
            "learnt": self.learnt,
            "metrics": self.metrics.values(),
            "open": self._open.digest(),
        }

    def export(self) -> Numbers | None:
        """The linear model; None before WARM_UP answers."""
        return self._numbers() if self.learnt >= WARM_UP else None

    def card(self) -> Numbers:
        """Figures for people; weights are per standard deviation, positive ones mean leaving."""
        weights = self._numbers()["weights"]
        return {
            "n_examples": self.learnt,
            "horizon_days": self.horizon_days,
            "metrics": self.metrics.values(),
            "open_questions": len(self._open),
            "sampling_rate": 0.5**self._open.halvings,
            "features": dict(zip(self.features, weights, strict=True)),
        }

    def _numbers(self) -> Numbers:
        positions = range(len(self.features))
        weights = self.model.weights
        return {
            "kind": "linear",
            "features": list(self.features),
            "means": [self.scaler.means[i] for i in positions],
            "variances": [self.scaler.vars[i] for i in positions],
            "weights": [weights.get(i, 0.0) for i in positions],
            "intercept": self.model.intercept,
        }
