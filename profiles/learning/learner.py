"""The learner: takes examples in the order of their topic, each once, and keeps the tasks' time."""

from collections.abc import Iterable, Sequence

from profiles.learning.clock import Clock
from profiles.learning.features import FEATURE_VERSION, FEATURES
from profiles.learning.history import History
from profiles.learning.model import Numbers, Source, State
from profiles.learning.sample import Sample
from profiles.learning.task import Task
from profiles.learning.task_learner import TaskLearner
from profiles.learning.watch import Watch
from schemas.errors import PortraitError
from schemas.examples import Command, Entry, Example, Outcome, Question

OPEN_BOUND = 20_000
"""Questions of one task that wait, at most."""

HISTORY_BOUND = 100_000
"""Orders and returns kept to answer them, at most."""


class Learner:
    """Tasks, what they have learnt, and up to where.

    The same examples in the same order give the same parameters, however they are cut into batches
    and wherever the learner was stopped and restored in between.

    `version` is the number of examples taken: the same log and version mean the same models.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        clock: Clock | None = None,
        open_bound: int = OPEN_BOUND,
        holdout: float = 0.0,
    ) -> None:
        self.clock = clock or Clock()
        self.sample = Sample()
        self.history = History(self.sample, HISTORY_BOUND)
        self.tasks = {
            task.name: TaskLearner(task, self.history, self.sample, open_bound, holdout)
            for task in tasks
        }
        self.version = 0
        self.repeated = 0  # examples that came again
        self.foreign = 0  # questions by another feature catalogue, commands about other tasks
        self._horizon = max((task.horizon for task in tasks), default=0)
        self._at: dict[str, list[TaskLearner]] = {}
        for each in self.tasks.values():
            self._at.setdefault(each.task.asked_at, []).append(each)
        self._watermarks: dict[Source, tuple[int, int]] = {}
        self._answering: dict[int, Source] = {}  # partition -> whose orders answer it

    def learn(self, entries: Iterable[Entry]) -> int:
        """Take a batch; returns how many examples of it were new."""
        before = self.version
        for entry in entries:
            if isinstance(entry, Command):
                self._obey(entry)
                continue
            source, place = entry.id[:2], entry.id[2:]
            seen = self._watermarks.get(source, (-1, -1))
            if place <= seen:
                self.repeated += 1
                continue
            self._watermarks[source] = place
            self.version += 1
            self._route(entry)
            if place[0] != seen[0]:  # an event counts once for time, whatever it gave rise to
                self._pass_time(source, entry.at)
        return self.version - before

    def _route(self, example: Example) -> None:
        halvings = self.sample.halvings
        if isinstance(example, Outcome):
            self._answering[example.id.partition] = example.id[:2]
            self.history.add(example)
        else:
            self._ask(example)
        if self.sample.halvings != halvings:
            self.history.prune()
            for task in self.tasks.values():
                task.prune()

    def _ask(self, question: Question) -> None:
        ours = question.feature_version == FEATURE_VERSION
        if not ours or len(question.features) != len(FEATURES):
            self.foreign += 1
            return
        foresight = self._foresight(question)
        for task in self._at.get(question.moment, ()):
            task.ask(question, foresight)

    def _foresight(self, question: Question) -> int:
        """Return by how much (ms) a question comes too late to be asked.

        Orders of another topic may have been folded before it, up to that topic's time: its
        features may know them. And it may be due before its answers are read, where the clock of
        its partition, which follows the others', is ahead of what is read there.
        """
        source, asked_at = question.id[:2], question.asked_at
        answering = self._answering.get(question.id.partition, source)
        known = 0 if answering == source else self.clock.own(answering) - asked_at
        return max(known, self.clock.of(source) - max(self.clock.own(source), asked_at))

    def _obey(self, command: Command) -> None:
        task = self.tasks.get(command.task)
        try:
            if task is None:
                self.foreign += 1
            else:
                task.contest.obey(command)
        except PortraitError:  # checked by whoever sent it; a model may have gone since
            self.foreign += 1

    def _pass_time(self, source: Source, at: int) -> None:
        """Move clocks on, and with them what is due.

        A question falls due when the partition that it came from and the one whose orders answer it
        have both passed its horizon: a customer has the same partition number in every topic.
        """
        for number in {moved[1]: None for moved, _ in self.clock.observe(source, at)}:
            answered = self.clock.of(self._answering.get(number, ("", number)))
            oldest = answered
            for asking in self._watermarks:
                if asking[1] == number:
                    now = min(answered, self.clock.of(asking))
                    oldest = min(oldest, now)
                    for task in self.tasks.values():
                        task.advance(asking, now)
            self.history.forget(number, oldest - self._horizon)

    def parameters(self) -> Numbers:
        """Canonical parameters by task: what to compare when two learners should be equal."""
        return {name: task.parameters() for name, task in self.tasks.items()}

    def export(self) -> Numbers:
        """JSON for `profiles.learning.scoring.Scorer`: the tasks whose models are ready."""
        exported = {name: task.export() for name, task in self.tasks.items()}
        return {
            "feature_version": FEATURE_VERSION,
            "tasks": {
                name: {**numbers, "version": self.version}
                for name, numbers in exported.items()
                if numbers is not None
            },
        }

    def cards(self) -> list[Numbers]:
        """A model card for each task."""
        return [
            {"task": name, "version": self.version, **task.card()}
            for name, task in self.tasks.items()
        ]

    def classes(self) -> frozenset[str]:
        """Names of the classes that the models' states hold."""
        contests = [task.contest for task in self.tasks.values()]
        models = [each.model for contest in contests for each in contest.contestants.values()]
        return Watch.classes.union(*(model.classes for model in models))

    def state(self) -> State:
        """All of it but the settings, as `restore` takes it."""
        return {
            "version": self.version,
            "repeated": self.repeated,
            "foreign": self.foreign,
            "watermarks": self._watermarks,
            "answering": self._answering,
            "clock": self.clock.state(),
            "halvings": self.sample.halvings,
            "history": self.history.state(),
            "tasks": {name: task.state() for name, task in self.tasks.items()},
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a learner with the same, fresh tasks."""
        self.version, self.repeated = state["version"], state["repeated"]
        self.foreign, self._watermarks = state["foreign"], state["watermarks"]
        self._answering, self.sample.halvings = state["answering"], state["halvings"]
        self.clock.restore(state["clock"])
        self.history.restore(state["history"])
        for name, task in self.tasks.items():
            task.restore(state["tasks"][name])
