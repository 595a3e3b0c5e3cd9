"""The judge: reads the same logs as the product and says where Redis differs from them."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from profiles.sections.section import Section
from profiles.settings import Settings
from schemas.topics import Kind
from tests.faults.counted import Counted
from tests.faults.folded import Folded, State
from tests.faults.learnt import Learnt
from tests.faults.letters import Letters
from tests.faults.log import Log
from tests.faults.topics import Topics
from tests.journey.command import SCORES

SHOWN = 10
"""Differences told of each sort: the rest is the same again."""

Sections = dict[str, bytes]
NOTHING = State({}, {})


class Audit:
    """Both oracles over the logs of one session, read bit by bit; `differences` sums up."""

    def __init__(self, settings: Settings, topics: Topics, redis: Any) -> None:
        self.counted = Counted()
        self.folded = Folded(settings)
        self.gaps: dict[str, int] = {}
        """Positions that a log was made to lose before they were read, by partition."""

        self._topics = topics
        self._redis = redis
        self._brokers = settings.kafka
        self._logs = {kind: Log(settings.kafka, t) for kind, t in topics.events.items()}
        self._epochs: dict[str, int] = {}
        self._letters = Letters(settings.kafka, topics.dead)
        self._learnt = Learnt(settings, topics)

    def read(self) -> None:
        """Take in what is new in every log."""
        for kind in self._logs:
            self.read_events(kind)
        self._letters.read()
        self._learnt.read()

    def read_events(self, kind: Kind) -> None:
        """Take in what is new in one topic of events."""
        for message in self._logs[kind].read():
            epoch = self._epoch(kind)
            self.counted.fold(kind, epoch, message)
            self.folded.fold(kind, epoch, message)

    def recreated(self, kind: Kind) -> None:
        """Read a topic of events from its beginning: it is another one of the same name."""
        self._logs[kind] = Log(self._brokers, self._topics.events[kind])
        self._epochs.pop(kind)

    def letters_recreated(self) -> None:
        """Read the dead letters' topic from its beginning: it is another one."""
        self._letters.recreated()

    @property
    def is_learnt(self) -> bool:
        """Whether the learner has published all that there is to learn."""
        return self._learnt.is_done()

    def differences(self) -> list[str]:
        """Say where sections, profiles, dead letters, gaps or models are not as they must be."""
        states = dict(self._states())
        profiles = {customer: self._redis.hgetall(f"profile:{{{customer}}}") for customer in states}
        public = {customer: _decoded(profile) for customer, profile in profiles.items()}
        return [
            *_some(self._sections(states, public)),
            *_some(self._counts(public)),
            *_some(self._accounts(states)),
            *_some(self._letters.differences(self.counted.rejected)),
            *_some(self._lost()),
            *_some(self._learnt.differences(self.counted, public)),
        ]

    def _states(self) -> Iterator[tuple[str, Sections]]:
        for key in self._redis.scan_iter(match="state:*", count=1000):
            fields = self._redis.hgetall(key)
            customer = key.decode()[len("state:{") : -1]
            yield customer, {name.decode(): value for name, value in fields.items()}

    def _sections(
        self, states: dict[str, Sections], public: dict[str, dict[str, str]]
    ) -> Iterator[str]:
        """Hold sections and public fields to the product's own sequential fold."""
        expected = dict(self.folded.states())
        for customer in sorted(states.keys() | expected.keys()):
            found, (sections, fields) = states.get(customer, {}), expected.get(customer, NOTHING)
            for name in sorted(found.keys() | sections.keys()):
                if found.get(name) != sections.get(name):
                    told = _told(found.get(name), sections.get(name))
                    yield f"section {name} of {customer}: {told}"
            every = public.get(customer, {})
            shown = {n: t for n, t in every.items() if n in fields or not _is_score(n)}
            for name in sorted(shown.keys() | fields.keys()):
                if shown.get(name) != fields.get(name):
                    yield f"{name} of {customer}: {shown.get(name)} instead of {fields.get(name)}"

    def _counts(self, public: dict[str, dict[str, str]]) -> Iterator[str]:
        """Hold public fields to the independent count."""
        for customer, expected in self.counted.profiles():
            shown = public.get(customer, {})
            for name, text in expected.items():
                if not _equal(shown.get(name, "0"), text):
                    yield f"{name} of {customer}: {shown.get(name)}, counted {text}"

    def _accounts(self, states: dict[str, Sections]) -> Iterator[str]:
        """Hold what each section says to have counted and dropped to the independent count."""
        for (kind, number), tally in self.counted.tallies.items():
            name = f"{kind}/{number}"
            for customer in tally.counted:
                section = states.get(customer, {}).get(name)
                if section is None:
                    yield f"section {name} of {customer} is missing"
                    continue
                read = Section.decode(kind, section)
                found = (read.facts.events, read.duplicates)
                expected = (tally.counted[customer], tally.duplicates.get(customer, 0))
                if found != expected:
                    yield f"{name} of {customer}: counted and dropped {found} instead of {expected}"

    def _lost(self) -> Iterator[str]:
        """Hold the gap counters to what the logs were made to lose."""
        lost: dict[str, int] = dict.fromkeys(self.gaps, 0)
        for key in self._redis.scan_iter(match="gap:*", count=1000):
            _, name, *_ = key.decode().split(":")
            lost[name] = lost.get(name, 0) + int(self._redis.get(key) or 0)
        for name, found in lost.items():
            expected = self.gaps.get(name, 0)
            if found != expected:
                yield f"gap of {name}: {found} instead of {expected}"

    def _epoch(self, kind: Kind) -> int:
        if kind not in self._epochs:
            self._epochs[kind] = self._topics.epoch(self._topics.events[kind])
        return self._epochs[kind]


def _is_score(name: str) -> bool:
    return name in SCORES or name.endswith((".score", ".version"))


def _decoded(profile: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in profile.items()}


def _equal(found: str, expected: str) -> bool:
    try:
        return Decimal(found) == Decimal(expected)
    except InvalidOperation:
        return found == expected


def _told(found: bytes | None, expected: bytes | None) -> str:
    def tell(section: bytes | None) -> str:
        return "none" if section is None else f"{len(section)} bytes, {section[:18].hex()}"

    return f"{tell(found)} instead of {tell(expected)}"


def _some(found: Iterator[str]) -> Iterator[str]:
    """Pass on the first differences, and the number of the others."""
    left = 0
    for count, each in enumerate(found):
        if count < SHOWN:
            yield each
        else:
            left += 1
    if left:
        yield f"... and {left} more of this sort"
