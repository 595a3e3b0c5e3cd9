"""The write protocol of docs/protocol.md in small: one customer, two topics of one partition.

Everything is an immutable tuple. A step is one thing that happens atomically: a worker reads or
writes one shared thing, or the environment does its worst. Offsets are the records.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

T = TypeVar("T")
TOPICS = ("purchase", "browse")


@dataclass(frozen=True)
class Rules:
    """The rules of the protocol; each switch leaves out one thing that its rule demands."""

    position_is_compared: bool = True  # rule 1
    seen_records_are_skipped: bool = True  # rule 2
    stale_is_refreshed: bool = True  # rule 2
    base_is_compared: bool = True  # rule 3
    siblings_are_compared: bool = True  # rule 3
    fold_version_is_compared: bool = True  # rule 3
    first_write_is_in_full: bool = True  # rule 3
    cache_waits_for_stored: bool = True  # rule 4
    late_answers_are_not_cached: bool = True  # rule 4
    resumes_at_the_mark: bool = True  # rule 5
    mark_is_compared_and_set: bool = True  # rule 5
    mark_waits_for_stored: bool = True  # rule 5
    onward_before_inward: bool = True  # rule 6
    onward_in_order: bool = True  # rule 6
    onward_is_confirmed: bool = True  # rule 6
    receiver_skips: bool = True  # rule 6
    incarnation_is_compared: bool = True  # rule 7
    chunk_compares_mark: bool = True  # rule 7
    idle_worker_compares: bool = True  # rules 1 and 7
    gaps_are_counted: bool = True  # rule 7
    epochs: bool = True  # rule 8
    ids_carry_epochs: bool = True  # rule 8


class Header(NamedTuple):
    version: int
    epoch: int
    watermark: int


class Record(NamedTuple):
    epoch: int
    offset: int


class Section(NamedTuple):
    header: Header
    records: tuple[Record, ...]  # what the fold has counted
    versions: frozenset[int]  # of the code that folded


Sections = tuple[Section | None, ...]
Public = tuple[tuple[Record, ...], ...]


class Mark(NamedTuple):
    epoch: int
    position: int


class Store(NamedTuple):
    sections: Sections = (None, None)
    public: Public = ((), (), ())
    stale: bool = False
    marks: tuple[Mark | None, ...] = (None, None)
    gaps: tuple[int, ...] = (0, 0)  # records that the log lost before they were folded, at most
    incarnation: int = 0


class Batch(NamedTuple):
    epoch: int
    start: int
    stop: int


class Work(NamedTuple):
    """A fold on its way into the store; without a new section it is a refresh."""

    base: Sections
    new: Section | None
    known: Public | None  # the public fields this worker wrote; None: write all


class Worker(NamedTuple):
    topic: int
    version: int = 1
    phase: str = "resume"  # then idle, fold, confirm, send, write, answer, mark, or stopped
    epoch: int = 0
    mark: Mark | None = None  # expected in the store
    incarnation: int = 0  # expected of the store
    position: int = 0  # expected of the next batch
    fetch: int = 0  # where the consumer reads
    batch: Batch | None = None
    work: Work | None = None
    cache: tuple[Sections, Public] | None = None
    answer: str = ""  # of a write, where answers come late
    last: bool = False  # the write that it answers was the batch's last: the mark moves with it
    overtaken: bool = False  # the cache was dropped, or written to, while the answer was under way


def derive(sections: Sections) -> Public:
    """Return one field for each topic and one that spans them."""
    fields = tuple(section.records if section else () for section in sections)
    return (*fields, tuple(record for field in fields for record in field))


def put(items: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    return (*items[:index], item, *items[index + 1 :])


def headers(sections: Sections) -> tuple[Header | None, ...]:
    return tuple(section and section.header for section in sections)


# What a worker does between its steps


def forget(worker: Worker, phase: str) -> Worker:
    return worker._replace(phase=phase, work=None, cache=None, last=False)


def resume(worker: Worker) -> Worker:
    """Drop everything; the next step reads the mark."""
    return Worker(worker.topic, worker.version)


def stopped(worker: Worker) -> Worker:
    return resume(worker)._replace(phase="stopped")


def fold(rules: Rules, worker: Worker, store: Store) -> Worker:
    """Load (rule 2: from the cache or the store), skip, fold, derive."""
    sections, known = worker.cache or (store.sections, None)
    stale = worker.cache is None and store.stale and rules.stale_is_refreshed
    if known is None and not rules.first_write_is_in_full:
        known = derive(sections)
    new = fold_section(rules, worker, sections[worker.topic])
    if new is None and not stale:
        return worker._replace(phase="mark", work=None)
    if new is None:
        return worker._replace(phase="write", work=Work(sections, None, None))
    cache = worker.cache
    if not rules.cache_waits_for_stored:
        after = put(sections, worker.topic, new)
        cache = (after, derive(after))
    phase = "write"
    if rules.onward_before_inward:
        phase = "confirm" if rules.onward_is_confirmed else "send"
    work = Work(sections, new, known)
    return worker._replace(phase=phase, work=work, cache=cache, overtaken=False)


def fold_section(rules: Rules, worker: Worker, old: Section | None) -> Section | None:
    """Return the section with the batch's new records, None if it has them all."""
    assert worker.batch is not None
    epoch, start, stop = worker.batch
    if rules.seen_records_are_skipped and old and old.header.epoch == worker.epoch:
        start = max(start, old.header.watermark + 1)
    if start >= stop:
        return None
    records = tuple(Record(epoch, offset) for offset in range(start, stop))
    header = Header(worker.version, worker.epoch, stop - 1)
    if old is None:
        return Section(header, records, frozenset({worker.version}))
    return Section(header, old.records + records, old.versions | {worker.version})


# The two scripts


def is_moved(rules: Rules, worker: Worker, store: Store, mark_too: bool) -> bool:
    if rules.incarnation_is_compared and store.incarnation != worker.incarnation:
        return True
    return mark_too and store.marks[worker.topic] != worker.mark


def compare(rules: Rules, worker: Worker, stored: Section | None) -> str:
    """Compare one customer's stored section with the base of a fold."""
    assert worker.work is not None
    base, new = worker.work.base[worker.topic], worker.work.new
    if rules.fold_version_is_compared and stored and stored.header.version != worker.version:
        return "refused"
    if new is None or not rules.base_is_compared:
        return "equal"
    if (stored and stored.header) == (base and base.header):
        return "equal"
    if stored is None or stored.header.epoch not in {new.header.epoch, base and base.header.epoch}:
        return "conflict" if stored is None else "refused"
    contained = stored.header.epoch == new.header.epoch and stored.header >= new.header
    return "contained" if contained else "conflict"


def write(rules: Rules, worker: Worker, store: Store) -> tuple[str, Store]:
    """Run the script of rule 3 and return its answer."""
    if is_moved(rules, worker, store, rules.chunk_compares_mark):
        return "moved", store
    answer = compare(rules, worker, store.sections[worker.topic])
    if answer != "equal":
        return answer, store
    assert worker.work is not None
    base, new, known = worker.work
    if new is None:
        if headers(store.sections) != headers(base):
            return "conflict", store
        return "stored", store._replace(public=derive(base), stale=False)
    sections = put(store.sections, worker.topic, new)
    other = 1 - worker.topic
    derived_from_these = headers(store.sections)[other] == headers(base)[other]
    if rules.siblings_are_compared and not derived_from_these:
        return "stored_section_only", store._replace(sections=sections, stale=True)
    public = derive(put(base, worker.topic, new))
    if known is not None:  # only what has changed
        fields = zip(public, known, store.public, strict=True)
        public = tuple(stored if mine == was else mine for mine, was, stored in fields)
    return "stored", store._replace(sections=sections, public=public, stale=False)


def finish(rules: Rules, worker: Worker, store: Store) -> tuple[str, Store]:
    """Run the script for the last chunk of a batch: the mark moves with what is stored (rule 5)."""
    answer, store = write(rules, worker, store)
    if answer == "stored" or (answer != "moved" and not rules.mark_waits_for_stored):
        store = store._replace(marks=put(store.marks, worker.topic, mark_after(worker)))
    return answer, store


def after_write(rules: Rules, worker: Worker, answer: str) -> Worker:
    """Do what the table of answers says."""
    if answer == "moved":
        return resume(worker)
    if answer == "refused":
        return stopped(worker)
    if answer != "stored":
        return forget(worker, "fold")
    assert worker.work is not None
    base, new, _ = worker.work
    sections = base if new is None else put(base, worker.topic, new)
    if not (worker.overtaken and rules.late_answers_are_not_cached):
        worker = worker._replace(cache=(sections, derive(sections)))
    if worker.last:
        return marked(worker)
    if new is None or rules.onward_before_inward:
        return worker._replace(phase="mark", work=None)
    return worker._replace(phase="send")


def move_mark(rules: Rules, worker: Worker, store: Store) -> tuple[Worker, Store]:
    """Move the mark from the value the worker expects, or resume (rule 5)."""
    if rules.mark_is_compared_and_set and is_moved(rules, worker, store, mark_too=True):
        return resume(worker), store
    marks = put(store.marks, worker.topic, mark_after(worker))
    return marked(worker), store._replace(marks=marks)


def mark_after(worker: Worker) -> Mark:
    """Return where the mark goes when the batch in hand is done."""
    assert worker.batch is not None
    return Mark(worker.epoch, worker.batch.stop)


def marked(worker: Worker) -> Worker:
    """Go on behind the batch: it is done."""
    mark = mark_after(worker)
    worker = worker._replace(mark=mark, position=mark.position, batch=None)
    return worker._replace(phase="idle", work=None, last=False)


def read_mark(
    rules: Rules, store: Store, topic: int, epoch: int, beginning: int
) -> tuple[Mark, Store]:
    """Return where to resume, in one script: set, move to the new topic, or pass a counted gap."""
    mark = store.marks[topic] or Mark(epoch, 0)
    if mark.epoch != epoch:
        mark = Mark(epoch, 0)
    gap = max(beginning - mark.position, 0)
    mark = Mark(epoch, mark.position + gap)
    gaps = put(store.gaps, topic, store.gaps[topic] + gap * rules.gaps_are_counted)
    return mark, store._replace(marks=put(store.marks, topic, mark), gaps=gaps)


# The receiver of what is sent onward


class Message(NamedTuple):
    """What is sent onward of a record: what it says depends on the section it was folded into."""

    record: Record
    before: int  # records that the section held before it


Received = tuple[tuple[int, Message], ...]  # epoch in the id, and the message


def receive(rules: Rules, have: Received, sent: tuple[Message, ...]) -> Received:
    """Count messages once: at or below the watermark of their source they are known (rule 6)."""
    for message in sent if rules.onward_in_order else reversed(sent):
        record = message.record
        epoch = record.epoch if rules.epochs and rules.ids_carry_epochs else 0
        known = (known.record.offset for source, known in have if source == epoch)
        if record.offset > max(known, default=-1) or not rules.receiver_skips:
            have = (*have, (epoch, message))
    return have


def messages(worker: Worker) -> Iterator[Message]:
    """Yield a message onward for each record that a fold has counted first."""
    assert worker.work is not None and worker.work.new is not None
    base, new = worker.work.base[worker.topic], worker.work.new
    first = len(base.records) if base else 0
    for before, record in enumerate(new.records[first:], first):
        yield Message(record, before)
