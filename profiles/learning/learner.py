"""The learner: takes examples in the order of their topic, each once, and keeps the tasks' time."""

from collections.abc import Iterable, Sequence

from profiles.learning.clock import Clock
from profiles.learning.features import FEATURE_VERSION, FEATURES
from profiles.learning.task import Numbers, Source, State, Task
from schemas.examples import Example, Question


class Learner:
    """Tasks, what they have learnt, and up to where.

    The same examples in the same order give the same parameters, however they are cut into batches
    and wherever the learner was stopped and restored in between.

    `version` is the number of examples taken: the same log and version mean the same models.
    """

    def __init__(self, tasks: Sequence[Task], clock: Clock | None = None) -> None:
        self.tasks = {task.name: task for task in tasks}
        self.clock = clock or Clock()
        self.version = 0
        self.repeated = 0  # examples that came again
        self.foreign = 0  # questions of a task, or by a feature catalogue, that is not here
        self._watermarks: dict[Source, tuple[int, int]] = {}

    def learn(self, examples: Iterable[Example]) -> int:
        """Take a batch; returns how many of it were new."""
        before = self.version
        for example in examples:
            source, place = example.id[:2], example.id[2:]
            seen = self._watermarks.get(source, (-1, -1))
            if place <= seen:
                self.repeated += 1
                continue
            self._watermarks[source] = place
            self.version += 1
            self._route(example)
            if place[0] != seen[0]:  # an event counts once for time, whatever it gave rise to
                self._pass_time(source, example)
        return self.version - before

    def _route(self, example: Example) -> None:
        if isinstance(example, Question):
            self._ask(example)
            return
        for task in self.tasks.values():
            task.on_outcome(example)

    def _ask(self, question: Question) -> None:
        task = self.tasks.get(question.task)
        ours = question.feature_version == FEATURE_VERSION
        if task and ours and len(question.features) == len(FEATURES):
            task.on_question(question)
        else:
            self.foreign += 1

    def _pass_time(self, source: Source, example: Example) -> None:
        at = example.asked_at if isinstance(example, Question) else example.at
        for moved, now in self.clock.observe(source, at):
            for task in self.tasks.values():
                task.advance(moved, now)

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

    def state(self) -> State:
        """All of it but the settings, as `restore` takes it."""
        return {
            "version": self.version,
            "repeated": self.repeated,
            "foreign": self.foreign,
            "watermarks": self._watermarks,
            "clock": self.clock.state(),
            "tasks": {name: task.state() for name, task in self.tasks.items()},
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a learner with the same, fresh tasks."""
        self.version, self.repeated = state["version"], state["repeated"]
        self.foreign, self._watermarks = state["foreign"], state["watermarks"]
        self.clock.restore(state["clock"])
        for name, task in self.tasks.items():
            task.restore(state["tasks"][name])
