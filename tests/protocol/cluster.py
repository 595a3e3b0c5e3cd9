"""The protocol on a cluster in small: a partition, two masters with a mark and a customer each.

Records alternate between the customers. A master goes back alone, and the first customer may move
to the second master while the marks stay. What happens within one master, `model.py` explores.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .model import put

MASTERS = CUSTOMERS = (0, 1)
Records = tuple[int, ...]
Steps = Iterator[tuple[str, "State"]]


@dataclass(frozen=True)
class Rules:
    """The cluster's share of rules 5 and 7; each switch leaves out one thing."""

    resumes_at_the_lowest: bool = True
    no_mark_goes_back: bool = True
    chunk_compares_its_master: bool = True
    layout_is_compared: bool = True
    marks_without_customers_are_read: bool = True


class Master(NamedTuple):
    sections: tuple[Records, ...] = ((), ())  # by customer; of those that live here
    mark: int = 0
    highest: int = 0  # that the mark has been since the master last went back
    incarnation: int = 0


class Worker(NamedTuple):
    phase: str = "resume"  # then idle, write, mark
    masters: tuple[tuple[int, int], ...] = ()  # mark and incarnation, as expected
    homes: tuple[int, ...] = ()  # as expected
    position: int = 0
    stop: int = 0  # of the batch
    bases: tuple[Records, ...] | None = None  # sections as loaded or written
    turn: int = 0  # which customer to write next, or which mark to move


class Faults(NamedTuple):
    crash: int = 0
    save: int = 0
    rollback: int = 0
    move: int = 0


class State(NamedTuple):
    workers: tuple[Worker, ...]
    faults: Faults
    masters: tuple[Master, ...] = (Master(), Master())
    saved: tuple[Master, ...] = (Master(), Master())
    homes: tuple[int, ...] = (0, 1)  # the master of each customer

    def sections(self) -> tuple[Records, ...]:
        return tuple(self.masters[self.homes[c]].sections[c] for c in CUSTOMERS)


def footing(state: State) -> tuple[tuple[int, int], ...]:
    return tuple((master.mark, master.incarnation) for master in state.masters)


def at(records: Records) -> int:
    return records[-1] if records else -1


@dataclass(frozen=True)
class Cluster:
    """A world: who works on the log, how long it is, what may go wrong, and the rules."""

    workers: int
    length: int
    faults: Faults
    rules: Rules = field(default_factory=Rules)

    def start(self) -> State:
        return State((Worker(),) * self.workers, self.faults)

    def worker_steps(self, state: State) -> Steps:
        for number, worker in enumerate(state.workers):
            for label, target in getattr(self, f"_{worker.phase}")(state, number, worker):
                yield f"{chr(65 + number)} {label}", target

    def _resume(self, state: State, number: int, worker: Worker) -> Steps:
        read = MASTERS if self.rules.marks_without_customers_are_read else sorted({*state.homes})
        marks = [state.masters[n].mark for n in read]
        position = min(marks) if self.rules.resumes_at_the_lowest else marks[-1]
        ready = Worker("idle", footing(state), state.homes, position)
        yield f"resumes at {position}", at_work(state, number, ready)

    def _idle(self, state: State, number: int, worker: Worker) -> Steps:
        if worker.masters != footing(state) or self._other_layout(state, worker):
            yield "compares and resumes", at_work(state, number, Worker())
        for stop in range(worker.position + 1, min(worker.position + 2, self.length) + 1):
            bases = worker.bases or state.sections()
            taken = worker._replace(phase="write", stop=stop, bases=bases, turn=0)
            yield f"takes [{worker.position}, {stop})", at_work(state, number, taken)

    def _write(self, state: State, number: int, worker: Worker) -> Steps:
        """Write one customer's share; who has nothing new is not written, so nothing compares."""
        customer, home = worker.turn, state.homes[worker.turn]
        master, bases = state.masters[home], worker.bases or state.sections()
        first = max(worker.position, at(bases[customer]) + 1)
        new = tuple(o for o in range(first, worker.stop) if o % 2 == customer)
        stored, compares = master.sections[customer], self.rules.chunk_compares_its_master
        moved = compares and worker.masters[home] != footing(state)[home]
        if new and (moved or self._other_layout(state, worker)):
            yield f"writes {customer}: moved", at_work(state, number, Worker())
        elif new and at(stored) != at(bases[customer]):
            again = worker._replace(bases=put(bases, customer, stored))
            yield f"writes {customer}: reloads", at_work(state, number, again)
        else:
            section = bases[customer] + new
            after = worker._replace(bases=put(bases, customer, section), turn=1 - customer)
            after = after._replace(phase="mark" if customer else "write")
            if new:
                master = master._replace(sections=put(master.sections, customer, section))
                state = state._replace(masters=put(state.masters, home, master))
            yield f"writes {customer}", at_work(state, number, after)

    def _mark(self, state: State, number: int, worker: Worker) -> Steps:
        place, master = worker.turn, state.masters[worker.turn]
        expected = worker.masters[place]
        to = max(expected[0], worker.stop) if self.rules.no_mark_goes_back else worker.stop
        if expected != footing(state)[place] or self._other_layout(state, worker):
            yield f"may not move mark {place}", at_work(state, number, Worker())
            return
        masters = put(worker.masters, place, (to, expected[1]))
        after = worker._replace(masters=masters, turn=1)
        if place:
            after = after._replace(phase="idle", position=worker.stop)
        master = master._replace(mark=to, highest=max(to, master.highest))
        moved = state._replace(masters=put(state.masters, place, master))
        yield f"moves mark {place}", at_work(moved, number, after)

    def _other_layout(self, state: State, worker: Worker) -> bool:
        return self.rules.layout_is_compared and worker.homes != state.homes

    # What goes wrong

    def environment_steps(self, state: State) -> Steps:
        for fault, left in state.faults._asdict().items():
            if left:
                faults = state.faults._replace(**{fault: left - 1})
                yield from getattr(self, f"_{fault}_")(state._replace(faults=faults))

    def _crash_(self, state: State) -> Steps:
        for number, worker in enumerate(state.workers):
            if worker != Worker():
                yield f"{chr(65 + number)} crashes", at_work(state, number, Worker())

    def _save_(self, state: State) -> Steps:
        for place, master in enumerate(state.masters):
            yield f"{place} is replicated", state._replace(saved=put(state.saved, place, master))

    def _rollback_(self, state: State) -> Steps:
        for place, master in enumerate(state.masters):
            old = state.saved[place]._replace(incarnation=master.incarnation + 1)
            yield f"{place} goes back", state._replace(masters=put(state.masters, place, old))

    def _move_(self, state: State) -> Steps:
        """The first customer moves; the new master is replicated before it can go back."""
        section, (source, target) = state.masters[0].sections[0], state.masters
        target = target._replace(sections=put(target.sections, 0, section))
        source = source._replace(sections=put(source.sections, 0, ()))
        masters = (source, target)
        moved = state._replace(masters=masters, saved=put(state.saved, 1, target), homes=(1, 1))
        yield "customer 0 moves", moved

    # What must hold

    def broken(self, state: State) -> str | None:
        for customer, records in enumerate(state.sections()):
            if records != tuple(range(customer, at(records) + 1, 2)):
                return f"customer {customer} has counted {records}"
        if any(master.mark < master.highest for master in state.masters):
            return "a mark went back although its master did not"
        return None

    def broken_at_rest(self, state: State) -> str | None:
        whole = tuple(tuple(range(customer, self.length, 2)) for customer in CUSTOMERS)
        return None if state.sections() == whole else f"counted are {state.sections()}"


def at_work(state: State, number: int, worker: Worker) -> State:
    return state._replace(workers=put(state.workers, number, worker))
