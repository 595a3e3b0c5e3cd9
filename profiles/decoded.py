"""Sections as objects, for those read or folded lately: decoding again costs more than folding.

A section is known by its field and its very bytes, header included, so an entry is never out of
date: it is used, or it is not. The field belongs to it, since a customer may have the same bytes in
two partitions, and one of them is folded while the other is looked at. What was folded and never
stored is asked for by nobody, and gives way in time.
"""

from collections import OrderedDict

from profiles.sections.facts import Facts
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import Section


class DecodedSections:
    """Decoded sections by field and bytes, least recently used first, bounded by encoded bytes."""

    def __init__(self, limit_bytes: int, folding: Folding = DEFAULT_FOLDING) -> None:
        self._limit = limit_bytes
        self._folding = folding
        self._size = 0
        self._entries: OrderedDict[tuple[str, bytes], Section] = OrderedDict()

    def read(self, field: str, encoded: bytes) -> Facts:
        """Return a section's facts, to be looked at only: they may be looked at again.

        Raises:
            SectionError: the section is of another folding.
        """
        section = self._entries.get((field, encoded))
        if section is None:
            section = Section.decode(field.partition("/")[0], encoded, self._folding)
            self.put(field, encoded, section)
        else:
            self._entries.move_to_end((field, encoded))
        return section.facts

    def take(self, field: str, encoded: bytes) -> Section:
        """Return a section to be folded into; its bytes are then those of another one.

        Raises:
            SectionError: the section is of another folding.
        """
        section = self._entries.pop((field, encoded), None)
        if section is None:
            kind = field.partition("/")[0]
            if not encoded:
                return Section.empty(kind, self._folding.keeps)
            return Section.decode(kind, encoded, self._folding)
        self._size -= len(encoded)
        return section

    def put(self, field: str, encoded: bytes, section: Section) -> None:
        """Keep a section that will not be changed any more; older ones give way."""
        self._size += len(encoded) if (field, encoded) not in self._entries else 0
        self._entries[field, encoded] = section
        while self._size > self._limit:
            (_, oldest), _ = self._entries.popitem(last=False)
            self._size -= len(oldest)
