"""One task at work: questions are scored when they are asked, measured and learnt when due."""

from profiles.learning.arms import Arms, held_out
from profiles.learning.contest import Contest
from profiles.learning.features import Selection
from profiles.learning.history import History
from profiles.learning.model import Inputs, Numbers, Row, Source, State
from profiles.learning.open_questions import Open, OpenQuestions
from profiles.learning.sample import Sample, customer_hash
from profiles.learning.task import UNLABELLED, Asked, Task
from profiles.learning.watch import Watch
from schemas.examples import Question

FORESIGHT = 4
"""A question is put aside whose features may know more than a fourth of the time to its answer."""


class TaskLearner:
    """The engine behind a declaration.

    A task without a horizon learns at once. Otherwise a question is measured and learnt when its
    horizon has passed, whatever the answer: were answers learnt as soon as they are known, the
    newest examples would always be the customers who came back early.
    """

    def __init__(
        self, task: Task, history: History, sample: Sample, open_bound: int, holdout: float
    ) -> None:
        self.task = task
        self.contest = Contest(task)
        self.arms = Arms()
        self.watch = Watch(task.features, task.kind)
        self._selection = Selection(task.features)
        self._history = history
        self._sample = sample
        self._open = OpenQuestions(len(task.features), open_bound, task.horizon, sample)
        self._holdout = holdout
        self.put_aside = 0  # questions

    def ask(self, question: Question, foresight: int = 0) -> None:
        """Score a question; learn it at once, or let it wait.

        `foresight`: how far (ms) its features may know what was done later, or how much too early
        it would be due. One that may know too much is put aside, whoever it is about: were that
        decided by the customer's own orders, those who did not buy would be left.
        """
        customer = customer_hash(question.customer)
        if self.task.horizon and not self._sample.admits(customer):
            return
        if not self.task.asks(question.features):
            return
        about = {key: question.about[key] for key in self.task.remembers if key in question.about}
        row = self._selection.row(question.features)
        x = self.task.inputs(row, about)
        if x is None:
            return
        if foresight * FORESIGHT > self.task.horizon > 0:
            self.put_aside += 1
            return
        self.watch.asked(question.asked_at, row)
        waiting = Open(
            customer,
            question.asked_at,
            self._open.source_index(question.id[:2]),
            held_out(question.customer, self._holdout),
            tuple(row.values()),
            self.contest.ask(x),
            about,
        )
        if self.task.horizon:
            self._open.add(waiting)
        else:
            self._learn(waiting, row, x)

    def advance(self, source: Source, now: int) -> None:
        """Measure, then learn, every question of a source whose horizon has passed."""
        if self.task.horizon:
            for question in self._open.take_due(source, now):
                row = dict(enumerate(question.row))
                self._learn(question, row, self.task.inputs(row, question.about))

    def prune(self) -> None:
        """Drop the questions of customers that have left the sample."""
        self._open.prune()

    def _learn(self, waiting: Open, row: Row, x: Inputs) -> None:
        asked = Asked(waiting.at, row, waiting.about)
        until = waiting.at + self.task.horizon
        label = self.task.label(asked, self._history.answers(waiting.customer, waiting.at, until))
        if label is None and self.task.kind not in UNLABELLED:
            return
        answer = waiting.predictions[self.contest.place]
        self.watch.answered(waiting.at, answer, label)
        self.contest.learn(x, waiting.predictions, label)
        if self.task.horizon:
            self.arms.add(waiting.held_out, label)

    def state(self) -> State:
        """The models' objects and plain containers."""
        return {
            "contest": self.contest.state(),
            "arms": self.arms.state(),
            "watch": self.watch.state(),
            "open": self._open.state(),
            "put_aside": self.put_aside,
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.contest.restore(state["contest"])
        self.arms.restore(state["arms"])
        self.watch.restore(state["watch"])
        self._open.restore(state["open"])
        self.put_aside = state.get("put_aside", 0)  # older snapshots put none aside

    def parameters(self) -> Numbers:
        """The contest's numbers, and a digest of what is still open."""
        open_ = self._open.digest()
        others = {"arms": self.arms.state(), "drift": self.watch.card(), "open": open_}
        return {**self.contest.parameters(), **others}

    def export(self) -> Numbers | None:
        """What profiles are scored with; None while it is warming up, or if they never are."""
        numbers = self.contest.export() if self.task.public else None
        return None if numbers is None else {**numbers, "features": list(self.task.features)}

    def card(self) -> Numbers:
        """Figures for people."""
        card = {**self.contest.card(), "question": self.task.question._asdict()}
        if self.task.horizon:
            card["horizon_days"] = self.task.horizon / 86_400_000
            card["open_questions"] = len(self._open)
            card["put_aside"] = self.put_aside
            card["sampling_rate"] = self._sample.rate
        card["drift"] = self.watch.card()
        if self._holdout:
            card["holdout"] = self.arms.card()
        return card
