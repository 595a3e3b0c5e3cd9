"""Tables for people: what comes from data stays as it is, and whole."""

from collections import Counter

import pytest
from rich.console import Console, RenderableType

from streams.cli.inspect import profile_table
from streams.cli.models import contest_table
from streams.cli.shop import live_view
from streams.cli.tables import FoldingTable, screen
from streams.run.live import Glance

MARKUP = "[/x]", "[red]y", "[bold]z[/bold]", ":smile:"


NAME, PLACE = "habit.channel.share", "events.purchase/11@123456789"


def printed(capsys: pytest.CaptureFixture[str], shown: RenderableType) -> str:
    screen().print(shown)
    return capsys.readouterr().out


@pytest.mark.parametrize("text", MARKUP)
def test_a_profile_shows_ids_names_and_values_as_they_are(text: str) -> None:
    """On any console: the live shop has one of its own."""
    console = Console(width=80, emoji=False)
    with console.capture() as shown:
        console.print(profile_table(text, {f"fact.{text}": text}))
    title, row = shown.get().splitlines()[0], shown.get().splitlines()[2]
    assert title.rstrip() == f"customer {text}"
    assert f"fact.{text}" in row
    assert row.count(text) == 2


@pytest.mark.parametrize("text", MARKUP)
def test_models_show_their_names_as_they_are(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    card = {"version": 1, "champion": "rule", "contestants": {text: {"auc": 0.5}}}
    shown = printed(capsys, contest_table(text, card))
    assert shown.count(text) == 2


@pytest.mark.parametrize("text", MARKUP)
def test_the_live_shop_shows_what_it_holds_as_it_is(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "redis://[::1]:6379/0"
    glance = Glance(0, url, 1, 1, 1.0, 0, {text: 1}, {}, text, {"top_item.1": text})
    shown = printed(capsys, live_view(glance))
    assert shown.count(text) == 3
    assert url in shown


def table() -> FoldingTable:
    shown = FoldingTable("name", "from", "reason", box=None, show_header=False)
    shown.add_row(NAME, PLACE, "expected a number")
    return shown


@pytest.mark.parametrize("columns", ["30", "60", "80"])
def test_what_is_too_wide_goes_on_in_the_next_line(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = printed(capsys, table()).splitlines()
    assert max(map(len, lines)) <= int(columns)
    letters = Counter("".join(lines).replace(" ", ""))
    assert letters == Counter(f"{NAME}{PLACE}expected a number".replace(" ", ""))


def test_where_there_is_no_terminal_a_row_is_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    wide = table()
    wide.add_row(NAME * 5, PLACE * 5, "expected a number")
    _, line = printed(capsys, wide).splitlines()
    assert line.split() == [NAME * 5, PLACE * 5, "expected", "a", "number"]
