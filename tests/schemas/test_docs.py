"""The documents say what the code does."""

import io
import re
import sys
from pathlib import Path

import pytest

from schemas.decode import decode
from schemas.mapping import TableMapping
from streams.sources import open_source

from .test_decode import Written

DOCS = Path(__file__).parents[2] / "docs"


def blocks(document: str, language: str) -> list[str]:
    text = (DOCS / document).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_worked_mapping_gives_the_events_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    (csv,), (shown,) = (blocks("mappings.md", kind) for kind in ("csv", "json"))
    toml, _ = blocks("mappings.md", "toml")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(csv.encode())))
    mapping = TableMapping.parse(toml, "till")
    (chunk,) = open_source("-", mapping.source)
    events = mapping.compile("sales.csv")(chunk)
    assert events[0].payload.decode() == shown.strip()
    accepted = [decode(event.kind, [Written(event.payload, 0)], 0).accepted for event in events]
    assert [found[0][1]["type"] for found in accepted] == ["purchase", "feedback", "return"]


def test_the_preprocessing_shown_can_be_asked_for() -> None:
    _, preprocessing = blocks("mappings.md", "toml")
    fields = "fields = { price = 'p', age = 'a', income = 'i' }"
    events = '[[event]]\ntype = "purchase"\n[[event]]\ntype = "customer"'
    assert TableMapping.parse(f"{fields}\n{preprocessing}\n{events}", "shown").spec.preprocess


def test_the_event_shown_is_valid() -> None:
    (shown,) = blocks("events.md", "json")
    assert decode("purchase", [Written(shown.encode())], 0).accepted
