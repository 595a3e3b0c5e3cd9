"""The world around the workers of the model: logs, receivers, and everything that goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .model import (
    TOPICS,
    Batch,
    Message,
    Received,
    Record,
    Rules,
    Store,
    Worker,
    after_write,
    derive,
    finish,
    fold,
    forget,
    is_moved,
    messages,
    move_mark,
    put,
    read_mark,
    receive,
    resume,
    stopped,
    write,
)

Steps = Iterator[tuple[str, "State"]]
Script = Callable[[Rules, Worker, Store], tuple[str, Store]]


class Faults(NamedTuple):
    """How often each thing may go wrong."""

    crash: int = 0  # a worker dies anywhere and starts again; also a rebalance
    swallow: int = 0  # an exception drops the batch in hand, the consumer reads on
    fail: int = 0  # Redis gives no answer to a write, which it may have done
    save: int = 0  # the state that Redis may come back to
    rollback: int = 0  # Redis restarts with the state saved, empty if none
    empty: int = 0  # FLUSHALL while nothing is in flight
    recreate: int = 0  # the first topic, drained, is deleted and made again
    truncate: int = 0  # the first topic's log forgets its beginning


class State(NamedTuple):
    workers: tuple[Worker, ...]
    faults: Faults
    epochs: tuple[int, ...] = (1, 1)
    beginnings: tuple[int, ...] = (0, 0)
    store: Store = Store()
    saved: Store = Store()
    committed: tuple[int, ...] = (0, 0)  # in Kafka, past the message in flight
    received: tuple[Received, ...] = ((), ())


@dataclass(frozen=True)
class Shop:
    """A world: who works, how long the logs are, what may go wrong, and the rules."""

    workers: tuple[Worker, ...]
    lengths: tuple[int, int]
    faults: Faults
    rules: Rules = field(default_factory=Rules)
    batch_sizes: tuple[int, ...] = (1, 2)
    stops: bool = False  # on_recreated_topic and on_truncated_log
    tells: bool = True  # what is sent onward depends on the section, as examples do
    mates: tuple[int, ...] = ()
    """Workers that are one process: they share a cache, and answers to their writes come late."""

    def start(self) -> State:
        return State(self.workers, self.faults)

    # What workers do

    def worker_steps(self, state: State) -> Steps:
        for number, worker in enumerate(state.workers):
            name = f"{chr(65 + number)} ({TOPICS[worker.topic]})"
            if worker.phase != "stopped":
                step = getattr(self, f"_{worker.phase}")
                for label, target in step(state, number, worker):
                    yield f"{name} {label}", self._shared(state, number, target)

    def _shared(self, before: State, number: int, after: State) -> State:
        """Let the others of a process have the cache that one of them has changed or dropped.

        Whose answer is under way is told when the cache was dropped, when another write of the same
        customer was sent, or when another has read the store: what they found may be newer.
        """
        if number not in self.mates:
            return after
        was, worker = before.workers[number], after.workers[number]
        resumes, writes = was.phase == "resume", worker.phase == "answer"
        reads = was.phase in {"idle", "fold"} and was.cache is None
        for number_of_mate in self.mates:
            mate = after.workers[number_of_mate]
            if mate == worker:
                continue
            late = mate.phase == "answer" and (resumes or writes or reads)
            if late and writes:
                worker = worker._replace(overtaken=True)
            if worker.cache != was.cache or resumes:
                mate = mate._replace(cache=worker.cache)
            after = at_work(after, number_of_mate, mate._replace(overtaken=mate.overtaken or late))
        return at_work(after, number, worker)

    def _seen_epoch(self, state: State, topic: int) -> int:
        return state.epochs[topic] if self.rules.epochs else 1

    def _resume(self, state: State, number: int, worker: Worker) -> Steps:
        topic, old = worker.topic, state.store.marks[worker.topic]
        epoch, beginning = self._seen_epoch(state, topic), state.beginnings[topic]
        if self.stops and old and (old.epoch != epoch or old.position < beginning):
            yield "stops with a message", at_work(state, number, stopped(worker))
            return
        mark, store = read_mark(self.rules, state.store, topic, epoch, beginning)
        at = mark.position if self.rules.resumes_at_the_mark else state.committed[topic]
        ready = worker._replace(phase="idle", epoch=epoch, mark=mark, position=at, fetch=at)
        ready = ready._replace(incarnation=store.incarnation, cache=None)
        yield f"resumes at {at}", at_work(state._replace(store=store), number, ready)

    def _idle(self, state: State, number: int, worker: Worker) -> Steps:
        topic, rules = worker.topic, self.rules
        worker = worker._replace(fetch=max(worker.fetch, state.beginnings[topic]))
        is_lost = rules.position_is_compared and worker.fetch != worker.position
        is_old = worker.epoch != self._seen_epoch(state, topic)
        moved = is_moved(rules, worker, state.store, mark_too=True)
        if rules.idle_worker_compares and (is_lost or is_old or moved):
            yield "compares and resumes", at_work(state, number, resume(worker))
        left = self.lengths[topic] - worker.fetch
        for size in self.batch_sizes if not is_old else ():
            if size <= left:
                yield from self._take(state, number, worker, worker.fetch + size)

    def _take(self, state: State, number: int, worker: Worker, stop: int) -> Steps:
        """Receive a batch, compare its position (rule 1), fold it."""
        topic = worker.topic
        label = f"takes [{worker.fetch}, {stop})"
        committed = put(state.committed, topic, max(stop, state.committed[topic]))
        state = state._replace(committed=committed)
        if self.rules.position_is_compared and worker.fetch != worker.position:
            yield f"{label}, expected {worker.position}", at_work(state, number, resume(worker))
            return
        batch = Batch(state.epochs[topic], worker.fetch, stop)
        taken = fold(self.rules, worker._replace(batch=batch, fetch=stop), state.store)
        yield f"{label}, then {taken.phase}", at_work(state, number, taken)

    def _fold(self, state: State, number: int, worker: Worker) -> Steps:
        folded = fold(self.rules, worker, state.store)
        yield f"folds again, then {folded.phase}", at_work(state, number, folded)

    def _confirm(self, state: State, number: int, worker: Worker) -> Steps:
        """See whether what was folded is of a store that has not gone back (rule 6)."""
        if is_moved(self.rules, worker, state.store, mark_too=True):
            yield "may not send onward", at_work(state, number, resume(worker))
        else:
            yield "may send onward", at_work(state, number, worker._replace(phase="send"))

    def _send(self, state: State, number: int, worker: Worker) -> Steps:
        phase = "write" if self.rules.onward_before_inward else "mark"
        sent = at_work(state, number, worker._replace(phase=phase))
        yield "sends onward", self._deliver(sent, worker.topic, tuple(messages(worker)))

    def _deliver(self, state: State, topic: int, sent: tuple[Message, ...]) -> State:
        have = receive(self.rules, state.received[topic], sent)
        return state._replace(received=put(state.received, topic, have))

    def _write(self, state: State, number: int, worker: Worker) -> Steps:
        label = "writes" if worker.work and worker.work.new else "refreshes"
        yield self._answered(state, number, worker, label, write)
        if self.rules.onward_before_inward:
            last = worker._replace(last=True)
            yield self._answered(state, number, last, f"{label} the last of it", finish)

    def _answered(
        self, state: State, number: int, worker: Worker, label: str, script: Script
    ) -> tuple[str, State]:
        answer, store = script(self.rules, worker, state.store)
        after = worker._replace(phase="answer", answer=answer)
        if number not in self.mates:
            after = after_write(self.rules, worker, answer)
        return f"{label}: {answer}", at_work(state._replace(store=store), number, after)

    def _answer(self, state: State, number: int, worker: Worker) -> Steps:
        """Hear late what has become of a write."""
        after = after_write(self.rules, worker._replace(answer=""), worker.answer)
        yield f"hears of it: {worker.answer}", at_work(state, number, after)

    def _mark(self, state: State, number: int, worker: Worker) -> Steps:
        after, store = move_mark(self.rules, worker, state.store)
        label = "moves the mark" if after.phase == "idle" else "may not move the mark"
        yield label, at_work(state._replace(store=store), number, after)

    # What goes wrong

    def environment_steps(self, state: State) -> Steps:
        for fault, left in state.faults._asdict().items():
            if left:
                faults = state.faults._replace(**{fault: left - 1})
                yield from getattr(self, f"_{fault}_")(state._replace(faults=faults))

    def _crash_(self, state: State) -> Steps:
        for number, worker in enumerate(state.workers):
            name, fresh = chr(65 + number), resume(worker)
            if worker != fresh and worker.phase != "stopped":
                yield f"{name} crashes", at_work(state, number, fresh)
            if worker.phase == "send" and len(records := tuple(messages(worker))) > 1:
                part = records[:1] if self.rules.onward_in_order else records[1:]
                crashed = at_work(state, number, fresh)
                yield f"{name} crashes while sending", self._deliver(crashed, worker.topic, part)

    def _swallow_(self, state: State) -> Steps:
        for number, worker in enumerate(state.workers):
            if worker.batch:
                left = worker._replace(phase="idle", batch=None, work=None, last=False)
                yield f"{chr(65 + number)} loses its batch", at_work(state, number, left)

    def _fail_(self, state: State) -> Steps:
        for number, worker in enumerate(state.workers):
            if worker.phase == "write":
                name, again = chr(65 + number), worker._replace(phase="fold", work=None)
                if self.rules.cache_waits_for_stored:
                    again = forget(worker, "fold")
                yield f"{name} writes, Redis fails", at_work(state, number, again)
                for script in (write, finish):
                    done = state._replace(store=script(self.rules, worker, state.store)[1])
                    yield f"{name} writes, the answer is lost", at_work(done, number, again)

    def _save_(self, state: State) -> Steps:
        yield "Redis saves", state._replace(saved=state.store)

    def _rollback_(self, state: State) -> Steps:
        old = state.saved._replace(incarnation=state.store.incarnation + 1)
        faults = state.faults._replace(save=0)
        yield "Redis goes back", state._replace(store=old, saved=Store(), faults=faults)

    def _empty_(self, state: State) -> Steps:
        if all(worker.phase == "idle" for worker in state.workers):
            yield (
                "Redis is emptied",
                state._replace(store=Store(incarnation=state.store.incarnation)),
            )

    def _recreate_(self, state: State) -> Steps:
        section = state.store.sections[0]
        if section and len(section.records) == self.lengths[0]:
            # in-flight batches are zombies; who is idle was stopped and started
            workers = [resume(w) if w.phase == "idle" and not w.topic else w for w in state.workers]
            state = state._replace(epochs=(2, 1), beginnings=(0, 0), committed=(0, 0))
            yield "the topic is made again", state._replace(workers=tuple(workers))

    def _truncate_(self, state: State) -> Steps:
        for beginning in range(1, self.lengths[0] + 1):
            yield f"the log begins at {beginning}", state._replace(beginnings=(beginning, 0))

    # What must hold

    def _history(self, state: State, topic: int) -> tuple[Record, ...]:
        epochs, offsets = range(1, state.epochs[topic] + 1), range(self.lengths[topic])
        return tuple(Record(epoch, offset) for epoch in epochs for offset in offsets)

    def broken(self, state: State) -> str | None:
        """Check what holds in every state."""
        store = state.store
        for topic, name in enumerate(TOPICS):
            section, mark, gap = store.sections[topic], store.marks[topic], store.gaps[topic]
            records = section.records if section else ()
            passed = self._history(state, topic)
            passed = passed[: passed.index(records[-1]) + 1] if records else ()
            if len(passed) - gap > len(records) or records != tuple(sorted(set(records))):
                return f"the section of {name} counts {show(records)}"
            if section and len(section.versions) > 1:
                return f"the section of {name} mixes fold versions"
            done = sum(record.epoch == mark.epoch for record in records) if mark else 0
            if mark and mark.epoch == state.epochs[topic] and done + gap < mark.position:
                return f"the mark of {name} passes over records not folded"
        if not store.stale and store.public != derive(store.sections):
            return f"public fields {show(store.public[-1])} are not those of the sections"
        return None

    def broken_at_rest(self, state: State) -> str | None:
        """Check what holds once every worker has caught up; one that stopped owes nothing."""
        working = {worker.topic for worker in state.workers}
        halted = {worker.topic for worker in state.workers if worker.phase == "stopped"}
        if state.store.stale and not halted:
            return "public fields stay stale"
        for topic in working - halted:
            history, section = self._history(state, topic), state.store.sections[topic]
            records = section.records if section else ()
            if len(history) - len(records) > state.store.gaps[topic]:
                return f"records of {TOPICS[topic]} are missing"
            told = [message for _, message in state.received[topic]]
            if (
                self.tells
                and not state.store.gaps[topic]
                and any(history.index(record) != before for record, before in told)
            ):
                return f"the receiver was told of {TOPICS[topic]} by a section with a hole"
            heard = tuple(record for record, _ in told)
            if heard != tuple(sorted(set(heard))) or not set(records) <= set(heard):
                return f"the receiver has counted {show(heard)} of {TOPICS[topic]}"
        return None


def at_work(state: State, number: int, worker: Worker) -> State:
    return state._replace(workers=put(state.workers, number, worker))


def show(records: tuple[Record, ...]) -> str:
    return "[" + " ".join(f"{record.epoch}:{record.offset}" for record in records) + "]"
