"""docs/how-to-add-a-trait.md, followed to the letter."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from profiles.sections.purchase import PurchaseFacts
from profiles.traits import ENTRY_POINT, Context, catalogue
from profiles.view import View
from tests.how_to import files_of, install

MOST_LINES = 30


@pytest.fixture
def files() -> dict[str, str]:
    """What the page says to write, by file."""
    return files_of("how-to-add-a-trait.md")


def test_a_trait_of_a_package_of_its_own(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files.keys() == {"shop_traits.py", "pyproject.toml"}
    assert sum(len(text.splitlines()) for text in files.values()) < MOST_LINES
    install(files, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert len(entry_points(group=ENTRY_POINT)) == 1
    bought = {"type": "purchase", "event_id": "1", "customer_id": "c", "ts": 1_600_000_000_000}
    facts = PurchaseFacts()
    facts.fold(bought | {"quantity": 4, "price": 1.0})
    traits = catalogue()
    fields = traits.derive(View.of([("purchase", facts)]), Context(bought["ts"], "GBP"))
    assert fields["lines_per_item"] == "0.25"
    assert traits.traits[-1].zh == "行件比"
