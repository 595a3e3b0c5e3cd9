"""Tables for people: what comes from data stays as it is."""

import pytest
from rich.console import Console, RenderableType

from streams.cli.inspect import profile_table
from streams.cli.models import contest_table
from streams.cli.shop import live_view
from streams.cli.tables import screen
from streams.run.live import Glance

MARKUP = "[/x]", "[red]y", "[bold]z[/bold]", ":smile:"


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
