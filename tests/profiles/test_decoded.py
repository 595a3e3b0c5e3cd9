"""Decoded sections that are kept give what their bytes give, and no more of them than allowed."""

from profiles.decoded import DecodedSections
from profiles.sections.folding import DEFAULT_FOLDING
from profiles.sections.section import Header, Section

from .owners import random_log


def encoded(section: Section, watermark: int) -> bytes:
    return section.encode(Header(DEFAULT_FOLDING.version, 1, watermark))


def test_folding_on_in_what_was_kept_gives_the_bytes_of_folding_on_in_what_was_stored() -> None:
    kept, plain, stored = DecodedSections(1 << 20), Section.empty("purchase"), b""
    for watermark, event in enumerate(random_log("purchase", 300, customers=1)):
        section = kept.take("purchase/0", stored)
        plain = Section.decode("purchase", stored) if stored else plain
        for each in (section, plain):
            each.facts.fold(dict(event))
        stored = encoded(section, watermark)
        assert stored == encoded(plain, watermark)
        kept.put("purchase/0", stored, section)
        assert kept.read("purchase/0", stored) is section.facts


def test_what_was_taken_to_be_folded_into_is_not_read_any_more() -> None:
    kept, section = DecodedSections(1 << 20), Section.empty("purchase")
    stored = encoded(section, 1)
    kept.put("purchase/0", stored, section)
    assert kept.take("purchase/0", stored) is section
    section.facts.fold({"type": "purchase", "event_id": "1", "ts": 0})
    assert kept.read("purchase/0", stored).events == 0


def test_equal_bytes_in_two_partitions_are_two_sections() -> None:
    """The same event at the same offset of both, as after a double write."""
    kept, stored = DecodedSections(1 << 20), encoded(Section.empty("purchase"), 1)
    sibling = kept.read("purchase/1", stored)
    kept.take("purchase/0", stored).facts.fold({"type": "purchase", "event_id": "1", "ts": 0})
    assert sibling.events == kept.read("purchase/1", stored).events == 0


def test_no_more_is_kept_than_the_limit_says() -> None:
    sections = [encoded(Section.empty("purchase"), n) for n in range(10)]
    kept = DecodedSections(3 * len(sections[0]))
    first = [kept.read("purchase/0", each) for each in sections]
    again = [kept.read("purchase/0", each) for each in reversed(sections)]
    same = [a is b for a, b in zip(first, reversed(again), strict=True)]
    assert same == [False] * 7 + [True] * 3
