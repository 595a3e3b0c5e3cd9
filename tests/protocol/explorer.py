"""Breadth-first exploration of every state a small world can reach."""

from collections import deque
from collections.abc import Hashable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)


class World(Protocol[S]):
    """What the explorer needs to know about a world."""

    def start(self) -> S: ...
    def worker_steps(self, state: S) -> Iterator[tuple[str, S]]: ...
    def environment_steps(self, state: S) -> Iterator[tuple[str, S]]: ...
    def broken(self, state: S) -> str | None: ...
    def broken_at_rest(self, state: S) -> str | None: ...


class Counterexample(NamedTuple):
    """What went wrong, and the fewest steps that lead there."""

    problem: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{number:3}. {label}" for number, label in enumerate(self.trace, 1)]
        return "\n".join([self.problem, *lines])


class Explored(NamedTuple):
    states: int
    at_rest: int
    labels: frozenset[str]
    counterexample: Counterexample | None


class Graph(Generic[S]):
    """States in the order they were found, how each was reached, and what leads to it."""

    def __init__(self, start: S) -> None:
        self.index = {start: 0}
        self.reached_by: list[tuple[int, str]] = [(-1, "")]
        self.sources: list[list[int]] = [[]]
        self.labels: set[str] = set()

    def add(self, source: int, label: str, state: S) -> bool:
        """Note a step; true if its target is new."""
        known = len(self.index)
        target = self.index.setdefault(state, known)
        if target == known:
            self.reached_by.append((source, label))
            self.sources.append([])
        self.sources[target].append(source)
        self.labels.add(label)
        return target == known

    def trace(self, number: int) -> tuple[str, ...]:
        labels = []
        while number > 0:
            number, label = self.reached_by[number]
            labels.append(label)
        return tuple(reversed(labels))

    def cannot_reach(self, goals: list[int]) -> int | None:
        """Return the first state from which no goal can be reached."""
        reaching, waiting = set(goals), list(goals)
        while waiting:
            new = set(self.sources[waiting.pop()]) - reaching
            reaching |= new
            waiting.extend(new)
        return next((n for n in range(len(self.index)) if n not in reaching), None)


def explore(world: World[S]) -> Explored:
    """Visit every reachable state; stop at the first that breaks an invariant.

    A state is at rest when no worker has anything to do. The shortest trace comes first because
    the search is breadth-first; from every state some state at rest must be reachable.
    """
    graph = Graph(world.start())
    waiting, at_rest = deque(graph.index), list[int]()

    def result(problem: str | None, number: int) -> Explored:
        found = Counterexample(problem, graph.trace(number)) if problem else None
        return Explored(len(graph.index), len(at_rest), frozenset(graph.labels), found)

    number = -1
    while waiting:
        state, number = waiting.popleft(), number + 1
        steps = list(world.worker_steps(state))
        problem = world.broken(state)
        if not steps:
            at_rest.append(number)
            problem = problem or world.broken_at_rest(state)
        if problem:
            return result(problem, number)
        for label, target in (*steps, *world.environment_steps(state)):
            if graph.add(number, label, target):
                waiting.append(target)
    stuck = graph.cannot_reach(at_rest)
    return result(None if stuck is None else "the workers never come to rest", stuck or 0)
