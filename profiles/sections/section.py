"""A section: one partition's log about one customer, as bytes and as facts.

The first `HEADER_SIZE` bytes are the header that the write protocol compares (docs/protocol.md);
behind it stand, in msgpack, the log's own bookkeeping (duplicate window, duplicates dropped), the
facts and, where that is not everything, the aspects that they keep. Only facts merge: the
bookkeeping belongs to one log.
"""

from struct import Struct
from typing import Any, NamedTuple, Self

import msgpack
import xxhash

from profiles.errors import HalfLifeError, OtherAspectsError, OtherCodeError, SectionError
from profiles.sections import aspects
from profiles.sections.browse import BrowseFacts
from profiles.sections.customer import CustomerFacts
from profiles.sections.facts import Facts
from profiles.sections.feedback import FeedbackFacts
from profiles.sections.folding import DEFAULT_FOLDING, Folding, half_life_of
from profiles.sections.purchase import PurchaseFacts
from profiles.sections.touch import TouchFacts
from profiles.sketches.window import Window, id_hash

KINDS: dict[str, type[Facts]] = {
    "purchase": PurchaseFacts,
    "browse": BrowseFacts,
    "feedback": FeedbackFacts,
    "customer": CustomerFacts,
    "touch": TouchFacts,
}
"""The kind of facts of each event topic."""

_HEADER = Struct(">HQq")
HEADER_SIZE = _HEADER.size
"""Bytes of a header: version of the folding (2), topic epoch (8), watermark (8)."""

_INTEGER = 1  # our only msgpack extension


class Header(NamedTuple):
    """What folded which log how far (`Folding`); `watermark` is the last offset folded in."""

    version: int
    epoch: int
    watermark: int

    def pack(self) -> bytes:
        """Return the header's bytes: equal headers are equal bytes."""
        return _HEADER.pack(*self)

    @staticmethod
    def version_of(section: bytes) -> int:
        """Return the version alone, which is asked for most."""
        return section[0] << 8 | section[1]

    @classmethod
    def of(cls, section: bytes) -> "Header":
        """Read the header of an encoded section."""
        return cls(*_HEADER.unpack_from(section))


def epoch_number(epoch: str) -> int:
    """Return the 64-bit number that stands for a topic's epoch (Kafka's topic id) in headers."""
    return xxhash.xxh3_64_intdigest(epoch.encode())


class Section:
    """Facts of one partition's log, with the window that drops a producer's duplicates."""

    __slots__ = ("duplicates", "facts", "window")

    def __init__(self, facts: Facts, window: Window | None = None, duplicates: int = 0) -> None:
        self.facts = facts
        self.window = Window() if window is None else window
        self.duplicates = duplicates

    @classmethod
    def empty(cls, kind: str, keeps: int = aspects.ALL) -> Self:
        """Return the section of an empty log, to keep these aspects."""
        return cls(KINDS[kind](keeps))

    def is_duplicate(self, event_id: str) -> bool:
        """Tell whether the id is in the window, count it if so, else remember it."""
        hashed = id_hash(event_id)
        if self.window.knows(hashed):
            self.duplicates += 1
            return True
        always, limit = self.facts.IDS
        self.window.remember(hashed, self.facts.last_seen or 0, always, limit)
        return False

    def encode(self, header: Header) -> bytes:
        """Return header and content as bytes."""
        content = [self.window.pack(), self.duplicates, self.facts.pack()]
        if self.facts.keeps != aspects.ALL:
            content.append(self.facts.keeps)
        return header.pack() + bytes(msgpack.packb(content, default=_wide_integer))

    @classmethod
    def decode(cls, kind: str, section: bytes, folding: Folding = DEFAULT_FOLDING) -> Self:
        """Read what `encode` wrote after this folding.

        Raises:
            SectionError: the bytes are of another folding, or are no section.
        """
        if len(section) < HEADER_SIZE or Header.version_of(section) != folding.version:
            raise refusal(kind, section, folding)
        content: list[Any] = msgpack.unpackb(
            memoryview(section)[HEADER_SIZE:], ext_hook=_integer, strict_map_key=False
        )
        keeps = content[3] if len(content) > 3 else aspects.ALL  # `encode`
        if keeps != folding.keeps:
            stored, own = aspects.named(keeps), aspects.named(folding.keeps)
            raise OtherAspectsError(kind, section[:HEADER_SIZE], folding.version, stored, own)
        week, recent, ids = content[0]
        facts = KINDS[kind].unpack(content[2], keeps)
        return cls(facts, Window(week, recent, ids), content[1])


def refusal(kind: str, section: bytes, folding: Folding) -> SectionError:
    """Return why a stored section cannot be gone on with: its code, or its half-life."""
    header = section[:HEADER_SIZE]
    stored = half_life_of(Header.of(header).version) if len(header) == HEADER_SIZE else None
    if stored is None:
        return OtherCodeError(kind, header, folding.version)
    return HalfLifeError(kind, header, folding.version, stored, folding.half_life_days)


def _wide_integer(value: int) -> msgpack.ExtType:
    """Write what msgpack's 64 bits cannot hold: two lines of the highest price and quantity."""
    return msgpack.ExtType(_INTEGER, str(value).encode())


def _integer(_code: int, digits: bytes) -> int:
    return int(digits)
